// The certificate of the HTTPS side: read at start, and again when one of its files has changed.
//
// TLS 1.2 and 1.3, ephemeral keys, authenticated ciphers; ALPN says http/1.1 and nothing else. A renewal replaces two
// files, one after the other: while they don't fit each other, what was read before goes on. One thread.
#pragma once

#include "store/file_stamp.hpp"
#include "store/result.hpp"
#include "tools/config/configuration.hpp"

#include <array>
#include <memory>
#include <optional>

namespace boost::asio::ssl {
class context;
}

namespace provenbl::tools::api {

class Certificate {
public:
    explicit Certificate(const ApiTls& settings) : settings_(settings) {}
    // Errors name the setting and the file, and say what to do.
    Result<> load();
    // For a client that has just come.
    [[nodiscard]] std::shared_ptr<boost::asio::ssl::context> current();

private:
    using Stamps = std::array<FileStamp, 2>; // certificate, key
    [[nodiscard]] Stamps stamps() const;

    ApiTls settings_;
    std::shared_ptr<boost::asio::ssl::context> context_;
    Stamps read_;
    std::optional<Stamps> refused_; // complained of already
};

} // namespace provenbl::tools::api
