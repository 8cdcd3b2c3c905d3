// Reads and writes under a deadline; see the header for the bounds.
#include "verifier/sinks/peer.hpp"

#include "verifier/with_deadline.hpp"

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

struct Outcome {
    bool ended = false; // by itself, not by the deadline
    boost::system::error_code error;
    std::size_t size = 0;
};

Awaitable<void> read_into(tcp::socket& socket, std::span<char> into, Outcome& outcome) {
    const auto [error, size] =
        co_await socket.async_read_some(asio::buffer(into.data(), into.size()), asio::as_tuple(asio::use_awaitable));
    outcome = {error != asio::error::operation_aborted, error, size};
}

Awaitable<void> write_all(tcp::socket& socket, std::string_view bytes, Outcome& outcome) {
    const auto [error, size] = co_await asio::async_write(socket, asio::buffer(bytes.data(), bytes.size()),
                                                          asio::as_tuple(asio::use_awaitable));
    outcome = {error != asio::error::operation_aborted, error, size};
}

Error error_of(const Outcome& outcome) {
    if (!outcome.ended) return {Errc::timeout, "the client took too long"};
    if (outcome.error == asio::error::eof || outcome.error == asio::error::connection_reset ||
        outcome.error == asio::error::broken_pipe)
        return {Errc::closed, "the client closed the connection"};
    return {Errc::io, outcome.error.message()};
}

} // namespace

Peer::Peer(tcp::socket socket, const Endpoint& local, const Endpoint& remote, const PeerLimits& limits)
    : socket_(std::move(socket)), local_(local), remote_(remote), end_(SteadyClock::now() + limits.total),
      bytes_left_(limits.bytes) {}

SteadyClock::time_point Peer::deadline(Duration patience) const {
    return std::min(end_, SteadyClock::now() + patience);
}

Awaitable<Result<std::size_t>> Peer::read_some(std::span<char> into, Duration patience) {
    if (!socket_.is_open()) co_return Error{Errc::closed, "the sink is closing"};
    if (bytes_left_ == 0) co_return Error{Errc::limit, "the client sent more than it may"};
    Outcome outcome;
    co_await with_deadline(deadline(patience),
                           read_into(socket_, into.first(std::min(into.size(), bytes_left_)), outcome));
    if (outcome.error || outcome.size == 0) co_return error_of(outcome);
    bytes_left_ -= outcome.size;
    co_return outcome.size;
}

Awaitable<Result<>> Peer::write(std::string_view bytes) {
    if (!socket_.is_open()) co_return Error{Errc::closed, "the sink is closing"};
    Outcome outcome;
    // A last word may follow the end of the session's time, so it has its own.
    co_await with_deadline(SteadyClock::now() + write_patience, write_all(socket_, bytes, outcome));
    if (outcome.error || !outcome.ended) co_return error_of(outcome);
    co_return Result<>{};
}

Awaitable<void> Peer::finish() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    const auto end = SteadyClock::now() + finish_patience;
    std::array<char, 1024> rest{};
    for (int reads = 0; reads < 64 && socket_.is_open(); ++reads) {
        Outcome outcome;
        co_await with_deadline(end, read_into(socket_, rest, outcome));
        if (outcome.error || outcome.size == 0) break;
    }
    close();
}

void Peer::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

} // namespace provenbl::verifier
