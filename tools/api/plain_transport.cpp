#include "tools/api/transport.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace provenbl::tools::api {
namespace asio = boost::asio;
namespace {

using namespace std::chrono_literals;
constexpr auto completion = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t patience_bytes = 256 * 1024;
constexpr auto patience = 1s;

class PlainTransport final : public Transport {
public:
    using Transport::Transport;

    asio::awaitable<bool> handshake() override { co_return true; }

    asio::awaitable<std::size_t> read_some(std::span<char> into) override {
        if (late()) co_return 0;
        const auto [code, size] =
            co_await timed().socket.async_read_some(asio::buffer(into.data(), into.size()), completion);
        co_return code ? 0 : size;
    }

    asio::awaitable<bool> write(std::string_view bytes) override {
        if (late()) co_return false;
        const auto [code, size] = co_await asio::async_write(timed().socket, asio::buffer(bytes), completion);
        co_return !code;
    }

    asio::awaitable<void> finish(bool drain) override {
        boost::system::error_code code;
        timed().socket.shutdown(asio::socket_base::shutdown_send, code);
        if (!drain || code) co_return;
        expires_after(patience);
        std::array<char, 4096> unread{};
        for (std::size_t total = 0; total < patience_bytes;) {
            const auto size = co_await read_some(unread);
            if (size == 0) break;
            total += size;
        }
    }
};

} // namespace

void TimedSocket::expires_after(Duration span) {
    late_ = false;
    timer_.expires_after(span);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& code) {
        // An older wait may have been on its way when a newer deadline was set.
        if (code || self->timer_.expiry() > std::chrono::steady_clock::now()) return;
        self->late_ = true;
        boost::system::error_code ignored;
        self->socket.cancel(ignored);
    });
}

void TimedSocket::expires_never() {
    late_ = false;
    timer_.expires_at(asio::steady_timer::time_point::max());
    timer_.cancel();
}

std::unique_ptr<Transport> plain_transport(TimedSocket::Socket socket) {
    return std::make_unique<PlainTransport>(std::make_shared<TimedSocket>(std::move(socket)));
}

} // namespace provenbl::tools::api
