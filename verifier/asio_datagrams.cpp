// A connected UDP socket. A port that is closed says so (ICMP) at the next read: Errc::closed, as a refused connection.
#include "verifier/asio_datagrams.hpp"

#include "verifier/endpoints.hpp"
#include "verifier/watchdog.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace provenbl::verifier {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

class Datagrams final : public Connection {
public:
    Datagrams(udp::socket socket, const ProbeSettings& settings)
        : socket_(std::move(socket)), read_timeout_(settings.read_timeout), limit_(settings.conversation_limit),
          end_(SteadyClock::now() + settings.conversation_timeout), watchdog_(socket_.get_executor(), [this] {
              error_code ignored;
              socket_.cancel(ignored);
          }) {}

    Awaitable<Result<std::size_t>> read_some(std::span<char> into, Duration patience) override {
        if (bytes_read_ >= limit_)
            co_return Error{Errc::limit, fmt::format("the host sent more than {} bytes", limit_)};
        const auto wait = patience > Duration::zero() ? std::min(patience, read_timeout_) : read_timeout_;
        watchdog_.watch(std::min(SteadyClock::now() + wait, end_));
        const auto [error, bytes] =
            co_await socket_.async_receive(asio::buffer(into.data(), into.size()), asio::as_tuple(asio::use_awaitable));
        const bool late = watchdog_.rest();
        bytes_read_ += std::max<std::size_t>(1, bytes); // an empty datagram counts too
        if (error == asio::error::operation_aborted || (late && error))
            co_return Error{Errc::timeout,
                            fmt::format("waited {:.1f} s for a datagram", std::chrono::duration<double>(wait).count())};
        if (error) co_return error_of(error);
        co_return bytes;
    }

    Awaitable<Result<>> write(std::string_view bytes) override {
        auto [error, sent] =
            co_await socket_.async_send(asio::buffer(bytes.data(), bytes.size()), asio::as_tuple(asio::use_awaitable));
        if (error) co_return error_of(error);
        co_return Result<>{};
    }

    Awaitable<Result<>> start_tls(const TlsWish&) override {
        co_return Error{Errc::protocol, "there is no TLS over datagrams here"};
    }

    void close() override {
        error_code ignored;
        socket_.close(ignored);
    }

private:
    static Error error_of(const error_code& error) {
        if (error == asio::error::connection_refused) return {Errc::closed, "nothing takes datagrams there"};
        return {Errc::unreachable, fmt::format("datagrams: {}", error.message())};
    }

    udp::socket socket_;
    const Duration read_timeout_;
    const std::size_t limit_;
    const SteadyClock::time_point end_;
    std::size_t bytes_read_ = 0;
    Watchdog watchdog_; // last: its cancel() uses the socket
};

} // namespace

Result<std::unique_ptr<Connection>> open_datagrams(const asio::any_io_executor& executor, const Endpoint& target,
                                                   const ProbeSettings& settings) {
    udp::socket socket(executor);
    error_code error;
    socket.open(target.address.is_v4() ? udp::v4() : udp::v6(), error);
    const auto& source = target.address.is_v4() ? settings.source4 : settings.source6;
    if (!error && source) {
        socket.bind(to_asio<udp>({*source, 0}), error);
        if (error)
            return Error{Errc::io, fmt::format("cannot probe from {}: {}; set the probes' source address to an address "
                                               "of this machine",
                                               source->to_string(), error.message())};
    }
    if (!error) socket.connect(to_asio<udp>(target), error);
    if (error) return Error{Errc::unreachable, fmt::format("{}: {}", target.to_string(), error.message())};
    return std::unique_ptr<Connection>(std::make_unique<Datagrams>(std::move(socket), settings));
}

} // namespace provenbl::verifier
