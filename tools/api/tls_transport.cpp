#include "tools/api/transport.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <tuple>

namespace provenbl::tools::api {
namespace asio = boost::asio;
namespace {

using namespace std::chrono_literals;
constexpr auto completion = asio::as_tuple(asio::use_awaitable);
constexpr auto patience = 1s;
constexpr std::size_t patience_bytes = 256 * 1024;

class TlsTransport final : public Transport {
public:
    TlsTransport(const std::shared_ptr<TimedSocket>& socket, std::shared_ptr<asio::ssl::context> context)
        : Transport(socket), context_(std::move(context)), stream_(socket->socket, *context_) {}

    asio::awaitable<bool> handshake() override {
        const auto [code] = co_await stream_.async_handshake(asio::ssl::stream_base::server, completion);
        co_return !code;
    }

    asio::awaitable<std::size_t> read_some(std::span<char> into) override {
        if (late()) co_return 0;
        const auto [code, size] = co_await stream_.async_read_some(asio::buffer(into.data(), into.size()), completion);
        co_return code ? 0 : size;
    }

    asio::awaitable<bool> write(std::string_view bytes) override {
        if (late()) co_return false;
        const auto [code, size] = co_await asio::async_write(stream_, asio::buffer(bytes), completion);
        co_return !code;
    }

    // close_notify, and the client's for a moment.
    asio::awaitable<void> finish(bool drain) override {
        expires_after(patience);
        co_await stream_.async_shutdown(completion);
        boost::system::error_code code;
        timed().socket.shutdown(asio::socket_base::shutdown_send, code);
        std::array<char, 4096> unread{};
        for (std::size_t total = 0; drain && !late() && total < patience_bytes && !code;) {
            std::size_t size = 0;
            std::tie(code, size) = co_await timed().socket.async_read_some(asio::buffer(unread), completion);
            total += size;
        }
    }

private:
    std::shared_ptr<asio::ssl::context> context_; // as it was when the client came
    asio::ssl::stream<TimedSocket::Socket&> stream_;
};

} // namespace

std::unique_ptr<Transport> tls_transport(TimedSocket::Socket socket, std::shared_ptr<asio::ssl::context> context) {
    return std::make_unique<TlsTransport>(std::make_shared<TimedSocket>(std::move(socket)), std::move(context));
}

} // namespace provenbl::tools::api
