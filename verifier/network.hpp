// The network as techniques see it: injected, deadlined, bounded.
//
// A Connection enforces the conversation's limits by itself (time without a byte, time in total, bytes in
// total), so that a technique is a straight line. Errors: unreachable, closed, timeout, limit, io;
// a connection refused by the host is Errc::closed from connect() alone. Later, an orderly end is
// Errc::closed and a reset is Errc::unreachable, because a reset says nothing about the host.
// AsioNetwork (asio_network.hpp) is the real one; GatedNetwork (gated_network.hpp), which asks the Gate first, stands
// in front of it.
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

// What a client says in its TLS greeting; either may be empty.
struct TlsWish {
    std::string server_name; // RFC 6066 section 3
    std::string protocol;    // ALPN (RFC 7301), such as "h2"
};

class Connection {
public:
    virtual ~Connection() = default;
    // At least one byte. `patience` shortens the wait for this read (0: the connection's own read timeout).
    virtual Awaitable<Result<std::size_t>> read_some(std::span<char> into, Duration patience = Duration::zero()) = 0;
    virtual Awaitable<Result<>> write(std::string_view bytes) = 0;
    // Any certificate is accepted: we judge a relay, not its certificate. Errc::protocol when the handshake fails, or
    // when the host does not agree to the protocol that is wished for.
    virtual Awaitable<Result<>> start_tls(const TlsWish& wish) = 0;
    virtual void close() = 0;
};

class Network {
public:
    virtual ~Network() = default;
    virtual Awaitable<Result<std::unique_ptr<Connection>>> connect(const Endpoint& target) = 0;
    // UDP: a read or a write is one datagram (asio_datagrams.hpp). Nothing leaves before the first write.
    virtual Awaitable<Result<std::unique_ptr<Connection>>> connect_udp(const Endpoint& target) = 0;
};

} // namespace provenbl::verifier
