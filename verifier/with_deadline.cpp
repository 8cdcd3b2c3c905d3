// awaitable_operators are heavy; this is the only file that includes them for a deadline.
#include "verifier/with_deadline.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace provenbl::verifier {
namespace {

boost::asio::awaitable<void> until(std::chrono::steady_clock::time_point deadline) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, deadline);
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

} // namespace

boost::asio::awaitable<void> with_deadline(std::chrono::steady_clock::time_point deadline,
                                           boost::asio::awaitable<void> operation) {
    using namespace boost::asio::experimental::awaitable_operators;
    co_await (std::move(operation) || until(deadline));
}

} // namespace provenbl::verifier
