// Where the API is: "unix:/run/provenbl/api.sock", "http://host:port", "https://host:port".
#pragma once

#include "store/result.hpp"

#include <string>
#include <string_view>

namespace provenbl::tools::cli {

struct ServerAddress {
    std::string socket; // the path of a Unix socket; empty for TCP
    std::string host;
    std::string port;
    bool tls = false;
    std::string authorities = {}; // a PEM file of those that are trusted; empty: the system's
    [[nodiscard]] bool is_unix() const { return !socket.empty(); }
};

inline constexpr auto default_server = "unix:/run/provenbl/api.sock";

[[nodiscard]] Result<ServerAddress> parse_server(std::string_view text);

} // namespace provenbl::tools::cli
