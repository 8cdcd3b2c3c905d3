// One connection as the server sees it: bytes either way and a deadline, over a plain socket or over TLS.
//
// Virtual, so that the heavy templates of TLS are compiled once (tls_transport.cpp), and the conversation does not know
// the difference. When the deadline passes, what waits is given up, but the connection stays: there is still an answer
// to be sent to whoever was too slow.
#pragma once

#include "store/clock.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <span>
#include <string_view>

namespace boost::asio::ssl {
class context;
}

namespace provenbl::tools::api {

// A socket and its deadline. Shared with the timer's handler, which may outlive the conversation by a moment.
class TimedSocket : public std::enable_shared_from_this<TimedSocket> {
public:
    using Socket = boost::asio::generic::stream_protocol::socket;
    explicit TimedSocket(Socket socket) : socket(std::move(socket)), timer_(this->socket.get_executor()) {}

    void expires_after(Duration span);
    void expires_never();
    [[nodiscard]] bool late() const { return late_; }

    Socket socket;

private:
    boost::asio::steady_timer timer_;
    bool late_ = false;
};

class Transport {
public:
    explicit Transport(std::shared_ptr<TimedSocket> socket) : socket_(std::move(socket)) {}
    virtual ~Transport() { socket_->expires_never(); }
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    // For all that is waited for from now on.
    void expires_after(Duration span) { socket_->expires_after(span); }
    void expires_never() { socket_->expires_never(); }
    [[nodiscard]] bool late() const { return socket_->late(); }

    virtual boost::asio::awaitable<bool> handshake() = 0;
    // Bytes read; 0: the end, an error, or too late.
    virtual boost::asio::awaitable<std::size_t> read_some(std::span<char> into) = 0;
    virtual boost::asio::awaitable<bool> write(std::string_view bytes) = 0;
    // Says that nothing more comes. With `drain`, reads on for a while: a socket that is closed over unread bytes
    // resets the connection, and the client may lose our answer (RFC 9112 9.6).
    virtual boost::asio::awaitable<void> finish(bool drain) = 0;

protected:
    [[nodiscard]] TimedSocket& timed() const { return *socket_; }

private:
    std::shared_ptr<TimedSocket> socket_;
};

[[nodiscard]] std::unique_ptr<Transport> plain_transport(TimedSocket::Socket socket);
[[nodiscard]] std::unique_ptr<Transport> tls_transport(TimedSocket::Socket socket,
                                                       std::shared_ptr<boost::asio::ssl::context> context);

} // namespace provenbl::tools::api
