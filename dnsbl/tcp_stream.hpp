// What a TCP connection reads and writes through: the socket itself, or TLS over it. Nothing else of the server knows
// which. Each awaitable ends with an error when the socket is closed meanwhile, which is how deadlines are kept.
#pragma once

#include "dnsbl/exchange.hpp"
#include "dnsbl/tls/keeper.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <tuple>

namespace provenbl::dnsbl {

class TcpStream {
public:
    using Done = std::tuple<boost::system::error_code, std::size_t>;

    explicit TcpStream(boost::asio::ip::tcp::socket socket);
    ~TcpStream();
    TcpStream(const TcpStream&) = delete;
    TcpStream& operator=(const TcpStream&) = delete;

    [[nodiscard]] boost::asio::ip::tcp::socket& socket() { return socket_; }
    void close();

    // The server's side of a TLS handshake; before anything is read. Without an error there is TLS from here on.
    boost::asio::awaitable<boost::system::error_code> secure(tls::Keeper& keeper);
    // What the connection is good for, by the credentials that are in force now: those of its handshake, or later ones.
    [[nodiscard]] Channel channel(const tls::Keeper* keeper);
    boost::asio::awaitable<Done> read_some(boost::asio::mutable_buffer into);
    boost::asio::awaitable<Done> write(boost::asio::const_buffer all);
    // A message with its length before it, together.
    boost::asio::awaitable<Done> write(std::array<boost::asio::const_buffer, 2> both);
    // Says that no more comes (RFC 8446 6.1), to who has said so.
    boost::asio::awaitable<void> say_goodbye();

private:
    struct Tls;
    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<Tls> tls_; // null: the socket itself
};

} // namespace provenbl::dnsbl
