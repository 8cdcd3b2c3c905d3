// Acceptors that listen. Errors say where, and what to do (listening_socket.hpp).
#pragma once

#include "store/address.hpp"
#include "store/result.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace provenbl::tools::api {

// `where`: as errors call it.
[[nodiscard]] Result<> listen_at(boost::asio::ip::tcp::acceptor& acceptor, const Endpoint& endpoint,
                                 const std::string& where);

using LocalAcceptor = boost::asio::local::stream_protocol::acceptor;
// In the place of a dead process's socket. Empty afterwards where nothing was bound. `setting`: where the operator says
// the path.
[[nodiscard]] Result<> listen_at(std::optional<LocalAcceptor>& acceptor, boost::asio::io_context& io,
                                 const std::filesystem::path& socket, unsigned mode, std::string_view setting);

} // namespace provenbl::tools::api
