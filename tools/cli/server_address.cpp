#include "tools/cli/server_address.hpp"

#include <boost/url.hpp>
#include <fmt/format.h>

namespace provenbl::tools::cli {

Result<ServerAddress> parse_server(std::string_view text) {
    const Error wrong{
        Errc::invalid,
        fmt::format("'{}' names no server; expected unix:/path/to/api.sock, http://host:port or https://host", text)};
    constexpr std::string_view unix_scheme = "unix:";
    ServerAddress server;
    if (text.starts_with(unix_scheme) || text.starts_with('/')) {
        server.socket = text.starts_with('/') ? text : text.substr(unix_scheme.size());
        while (server.socket.starts_with("//")) server.socket.erase(0, 1);
        if (!server.socket.starts_with('/')) return wrong;
        if (server.socket.size() > 107)
            return Error{Errc::invalid, fmt::format("the path {} is too long for a Unix socket", server.socket)};
        return server;
    }
    const auto url = boost::urls::parse_uri(boost::core::string_view{text.data(), text.size()});
    if (!url || (url->scheme() != "http" && url->scheme() != "https") || !url->has_authority() ||
        url->encoded_host().empty() || url->has_query() || (!url->encoded_path().empty() && url->encoded_path() != "/"))
        return wrong;
    server.host = std::string{url->host_address()};
    server.tls = url->scheme() == "https";
    server.port = url->has_port() && !url->port().empty() ? std::string{url->port()} : server.tls ? "443" : "80";
    return server;
}

} // namespace provenbl::tools::cli
