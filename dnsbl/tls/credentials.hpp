// What a TLS server shows of itself and asks of clients: certificate, key and, for mutual TLS, the CA of clients, read
// from their files into an OpenSSL context.
//
// TLS 1.2 and 1.3 (RFC 7858; what transfers want beyond is judged elsewhere), ALPN "dot" where the client names
// protocols at all (RFC 7858 has none, RFC 9103 7.1 has it), no renegotiation, no early data. Without Asio.
#pragma once

#include "dnsbl/exchange.hpp"
#include "dnsbl/tls/settings.hpp"
#include "store/clock.hpp"
#include "store/file_stamp.hpp"
#include "store/result.hpp"

#include <openssl/types.h>

#include <array>
#include <memory>
#include <string>

namespace provenbl::dnsbl::tls {

using FileStamps = std::array<FileStamp, 3>; // certificate, key, client_ca

[[nodiscard]] FileStamps stamps_of(const TlsSettings& settings);

class Credentials {
public:
    // Errors name the file and what to do.
    [[nodiscard]] static Result<std::shared_ptr<const Credentials>> load(const TlsSettings& settings);

    // A server's side of a connection, to be freed with SSL_free; it outlives this. Null: no memory.
    [[nodiscard]] SSL* new_session() const;
    // When the certificate ends.
    [[nodiscard]] Time expires() const { return expires_; }
    // It is made out to this name (RFC 6125).
    [[nodiscard]] bool is_for(const std::string& name) const;
    // What a connection is good for, once its handshake is over. It may have been made under others than these: then
    // it is good for what these make of it.
    [[nodiscard]] Channel channel_of(SSL* session) const;
    // The files that they were read from, as they were before.
    [[nodiscard]] const FileStamps& files() const { return files_; }

private:
    [[nodiscard]] bool trusts(SSL* session) const;
    struct Free {
        void operator()(SSL_CTX* context) const;
    };
    std::unique_ptr<SSL_CTX, Free> context_;
    FileStamps files_;
    bool wants_certificate_ = false; // of clients that transfer
    Time expires_{};
};

} // namespace provenbl::dnsbl::tls
