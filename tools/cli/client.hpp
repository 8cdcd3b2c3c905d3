// The API's client: one request at a time, over a Unix socket, TCP or TLS. Blocks; for the command line.
#pragma once

#include "store/clock.hpp"
#include "store/result.hpp"
#include "tools/cli/event_reader.hpp"
#include "tools/cli/server_address.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace provenbl::tools::cli {

struct Reply {
    unsigned status = 0;
    std::string body;
};

class Client {
public:
    virtual ~Client() = default;
    // Error unreachable says which server and what to do; any status is a Reply.
    virtual Result<Reply> request(std::string_view method, const std::string& target, const std::string& body) = 0;
    // Events until visit returns false or the server ends the stream. A Reply that is not 200 comes back at once.
    virtual Result<Reply> follow(const std::string& target, const std::function<bool(const Event&)>& visit) = 0;
};

// Patience is for one request, and for the silence between two events.
class HttpClient final : public Client {
public:
    explicit HttpClient(ServerAddress server, Duration patience = std::chrono::seconds{30})
        : server_(std::move(server)), patience_(patience) {}
    Result<Reply> request(std::string_view method, const std::string& target, const std::string& body) override;
    Result<Reply> follow(const std::string& target, const std::function<bool(const Event&)>& visit) override;

private:
    ServerAddress server_;
    Duration patience_;
};

} // namespace provenbl::tools::cli
