// The network as techniques see it: injected, deadlined, bounded.
//
// A Connection enforces the conversation's limits by itself (time without a byte, time in total, bytes in
// total), so that a technique is a straight line. Errors: unreachable, closed, timeout, limit, io;
// a connection refused by the host is Errc::closed from connect() alone. Later, an orderly end is
// Errc::closed and a reset is Errc::unreachable, because a reset says nothing about the host.
// AsioNetwork (asio_network.hpp) is the real one. Every connection passes the Gate (gate.hpp).
#pragma once

#include "store/address.hpp"
#include "store/result.hpp"
#include "verifier/conversation.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace provenbl::verifier {

template <class T> using Awaitable = boost::asio::awaitable<T>;

class Connection {
public:
    virtual ~Connection() = default;
    // At least one byte. `patience` shortens the wait for this read (0: the connection's own read timeout).
    virtual Awaitable<Result<std::size_t>> read_some(std::span<char> into, Duration patience = Duration::zero()) = 0;
    virtual Awaitable<Result<>> write(std::string_view bytes) = 0;
    // Any certificate is accepted: we judge a relay, not its certificate.
    virtual Awaitable<Result<>> start_tls(const std::string& server_name) = 0;
    virtual void close() = 0;
};

class Network {
public:
    virtual ~Network() = default;
    virtual Awaitable<Result<std::unique_ptr<Connection>>> connect(const Endpoint& target) = 0;
};

} // namespace provenbl::verifier
