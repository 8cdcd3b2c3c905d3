// A waiter's timer lives on the waiter's executor; notify only posts to it.
#include "verifier/arrivals.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace provenbl::verifier {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {
// For what a sink of another process has seen; our own sinks notify. Dozens of visits may wait at once.
constexpr Duration glance = std::chrono::milliseconds(100);
// Looked at again although the version stands still: it may move before readers see what it stands for.
constexpr Duration second_look = std::chrono::milliseconds(200);
} // namespace

struct Arrivals::Waiter {
    explicit Waiter(const asio::any_io_executor& executor) : timer(executor) {}
    asio::steady_timer timer;
    bool notified = false; // touched on the timer's executor only
};

// In the table for as long as the wait, however it ends.
class Arrivals::Registration {
public:
    Registration(Arrivals& arrivals, const TokenId& id, const std::shared_ptr<Waiter>& waiter) : arrivals_(arrivals) {
        const std::lock_guard lock(arrivals_.mutex_);
        if (arrivals_.waiters_.size() < notified_at_once)
            at_ = arrivals_.waiters_.emplace(id, waiter);
        else
            at_ = arrivals_.waiters_.end();
    }
    ~Registration() {
        const std::lock_guard lock(arrivals_.mutex_);
        if (at_ != arrivals_.waiters_.end()) arrivals_.waiters_.erase(at_);
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

private:
    Arrivals& arrivals_;
    std::multimap<TokenId, std::shared_ptr<Waiter>>::iterator at_;
};

bool Arrivals::in_store(const TokenId& id) const {
    return store_.read([&](const ReadTxn& txn) {
        const auto probe = tokens::find(txn, id);
        return probe && probe->arrived;
    });
}

Awaitable<bool> Arrivals::wait(TokenId id, Duration patience) {
    const auto deadline = SteadyClock::now() + patience;
    const auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor);
    const Registration registration(*this, id, waiter);
    std::uint64_t seen = 0;
    auto looked = SteadyClock::time_point::min();
    for (;;) {
        // The version comes before the look, so that a commit between the two is looked at next time.
        const auto version = store_.version();
        if (version != seen || SteadyClock::now() >= looked + second_look) {
            if (in_store(id)) co_return true;
            seen = version;
            looked = SteadyClock::now();
        }
        if (waiter->notified) co_return true;
        const auto now = SteadyClock::now();
        if (now >= deadline) co_return false;
        waiter->timer.expires_at(std::min(deadline, now + glance));
        co_await waiter->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

void Arrivals::notify(const TokenId& id) {
    const std::lock_guard lock(mutex_);
    const auto [first, last] = waiters_.equal_range(id);
    for (auto at = first; at != last; ++at) {
        asio::post(at->second->timer.get_executor(), [waiter = at->second] {
            waiter->notified = true;
            waiter->timer.cancel();
        });
    }
}

std::size_t Arrivals::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiters_.size();
}

} // namespace provenbl::verifier
