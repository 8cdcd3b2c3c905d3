#include "tools/api/acceptors.hpp"

#include "tools/api/listening_socket.hpp"
#include "verifier/endpoints.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <fmt/format.h>

namespace provenbl::tools::api {
namespace asio = boost::asio;

Result<> listen_at(asio::ip::tcp::acceptor& acceptor, const Endpoint& endpoint, const std::string& where) {
    const auto at = verifier::to_asio<asio::ip::tcp>(endpoint);
    boost::system::error_code code;
    acceptor.open(at.protocol(), code);
    if (!code) acceptor.set_option(asio::socket_base::reuse_address{true}, code);
    if (!code && at.address().is_v6()) acceptor.set_option(asio::ip::v6_only{true}, code);
    if (!code) acceptor.bind(at, code);
    if (!code) acceptor.listen(asio::socket_base::max_listen_connections, code);
    if (code) return explain_bind(code.value(), where);
    return {};
}

Result<> listen_at(std::optional<LocalAcceptor>& acceptor, asio::io_context& io, const std::filesystem::path& socket,
                   unsigned mode, std::string_view setting) {
    const auto path = socket.string();
    if (auto cleared = clear_socket_path(socket, setting); !cleared) return cleared;
    acceptor.emplace(io);
    boost::system::error_code code;
    acceptor->open({}, code);
    if (!code) acceptor->bind(path, code);
    if (code) {
        acceptor.reset();
        return explain_bind(code.value(), fmt::format("unix:{} ({})", path, setting));
    }
    // Nobody can connect before listen(), so the mode is in force before the first one does.
    std::error_code mode_code;
    std::filesystem::permissions(socket, static_cast<std::filesystem::perms>(mode), mode_code);
    if (mode_code) return Error{Errc::io, fmt::format("can't set the mode of {}: {}", path, mode_code.message())};
    acceptor->listen(asio::socket_base::max_listen_connections, code);
    if (code) return explain_bind(code.value(), "unix:" + path);
    return {};
}

} // namespace provenbl::tools::api
