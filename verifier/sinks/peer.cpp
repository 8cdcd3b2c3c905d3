// Reads and writes under a deadline; see the header for the bounds.
#include "verifier/sinks/peer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace provenbl::verifier {

namespace asio = boost::asio;
using asio::ip::tcp;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr Duration write_patience = std::chrono::seconds(10);
constexpr Duration finish_patience = std::chrono::seconds(2);

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

Error error_of(bool late, const boost::system::error_code& error) {
    if (late || error == asio::error::operation_aborted) return {Errc::timeout, "the client took too long"};
    if (error == asio::error::eof || error == asio::error::connection_reset || error == asio::error::broken_pipe)
        return {Errc::closed, "the client closed the connection"};
    return {Errc::io, error.message()};
}

} // namespace

Peer::Peer(tcp::socket socket, const Endpoint& local, const Endpoint& remote, const PeerLimits& limits)
    : socket_(std::move(socket)), local_(local), remote_(remote), end_(SteadyClock::now() + limits.total),
      bytes_left_(limits.bytes), watchdog_(socket_.get_executor(), [this] {
          boost::system::error_code ignored;
          socket_.cancel(ignored);
      }) {}

Awaitable<Result<std::size_t>> Peer::read_until(SteadyTime deadline, std::span<char> into) {
    watchdog_.watch(deadline);
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(into.data(), into.size()), as_tuple);
    const bool late = watchdog_.rest();
    if (error || size == 0) co_return error_of(late, error);
    co_return size;
}

Awaitable<Result<std::size_t>> Peer::read_some(std::span<char> into, Duration patience) {
    if (!socket_.is_open()) co_return Error{Errc::closed, "the sink is closing"};
    if (bytes_left_ == 0) co_return Error{Errc::limit, "the client sent more than it may"};
    const auto deadline = std::min(end_, SteadyClock::now() + patience);
    const auto size = co_await read_until(deadline, into.first(std::min(into.size(), bytes_left_)));
    if (size) bytes_left_ -= *size;
    co_return size;
}

Awaitable<Result<>> Peer::write(std::string_view bytes) {
    if (!socket_.is_open()) co_return Error{Errc::closed, "the sink is closing"};
    // A last word may follow the end of the session's time, so it has its own.
    watchdog_.watch(SteadyClock::now() + write_patience);
    const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), as_tuple);
    const bool late = watchdog_.rest();
    if (error) co_return error_of(late, error);
    co_return Result<>{};
}

Awaitable<void> Peer::finish() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    const auto end = SteadyClock::now() + finish_patience;
    std::array<char, 1024> rest{};
    for (int reads = 0; reads < 64 && socket_.is_open(); ++reads) {
        const auto size = co_await read_until(end, rest);
        if (!size) break;
    }
    close();
}

void Peer::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

} // namespace provenbl::verifier
