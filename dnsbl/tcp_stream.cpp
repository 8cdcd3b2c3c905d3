#include "dnsbl/tcp_stream.hpp"

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>

namespace provenbl::dnsbl {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

} // namespace

struct TcpStream::Tls {
    // Takes the session.
    Tls(tcp::socket& socket, SSL* session) : stream(socket, session) {}
    asio::ssl::stream<tcp::socket&> stream;
    std::shared_ptr<const tls::Credentials> judged_by; // null: not judged yet
    Channel channel = Channel::uncertified;
};

TcpStream::TcpStream(tcp::socket socket) : socket_(std::move(socket)) {}

TcpStream::~TcpStream() = default;

void TcpStream::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

asio::awaitable<boost::system::error_code> TcpStream::secure(tls::Keeper& keeper) {
    auto* session = keeper.credentials()->new_session();
    if (session == nullptr) co_return asio::error::no_memory;
    tls_ = std::make_unique<Tls>(socket_, session);
    const auto [error] = co_await tls_->stream.async_handshake(asio::ssl::stream_base::server, as_result);
    keeper.handshake(!error);
    co_return error;
}

Channel TcpStream::channel(const tls::Keeper* keeper) {
    if (keeper == nullptr || !tls_) return Channel::clear;
    if (auto now = keeper->credentials(); tls_->judged_by != now) {
        tls_->channel = now->channel_of(tls_->stream.native_handle());
        tls_->judged_by = std::move(now);
    }
    return tls_->channel;
}

asio::awaitable<TcpStream::Done> TcpStream::read_some(asio::mutable_buffer into) {
    if (tls_) return tls_->stream.async_read_some(into, as_result);
    return socket_.async_read_some(into, as_result);
}

asio::awaitable<TcpStream::Done> TcpStream::write(asio::const_buffer all) {
    if (tls_) return asio::async_write(tls_->stream, all, as_result);
    return asio::async_write(socket_, all, as_result);
}

asio::awaitable<TcpStream::Done> TcpStream::write(std::array<asio::const_buffer, 2> both) {
    if (tls_) return asio::async_write(tls_->stream, both, as_result);
    return asio::async_write(socket_, both, as_result);
}

asio::awaitable<void> TcpStream::say_goodbye() {
    if (!tls_) co_return;
    const auto [ignored] = co_await tls_->stream.async_shutdown(as_result);
    static_cast<void>(ignored);
}

} // namespace provenbl::dnsbl
