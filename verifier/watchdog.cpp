// The handler may come after its Watchdog is gone, and when another deadline is set already: it believes the state
// alone.
#include "verifier/watchdog.hpp"

#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace provenbl::verifier {

namespace {
constexpr auto bark_again = std::chrono::milliseconds(20);
}

struct Watchdog::State {
    State(const boost::asio::any_io_executor& executor, std::function<void()> cancel_)
        : timer(executor), cancel(std::move(cancel_)) {}

    boost::asio::steady_timer timer;
    std::function<void()> cancel;
    TimePoint deadline{};
    TimePoint armed_for = TimePoint::max(); // max: the timer does not run
    bool watching = false;
    bool late = false;

    static void arm(const std::shared_ptr<State>& state) {
        state->armed_for = state->deadline;
        state->timer.expires_at(state->deadline);
        state->timer.async_wait([state](const boost::system::error_code& error) {
            if (error) return; // armed anew, or gone
            state->armed_for = TimePoint::max();
            if (!state->watching) return;
            if (std::chrono::steady_clock::now() < state->deadline) {
                arm(state);
                return;
            }
            state->late = true;
            if (state->cancel) state->cancel();
            // Once more, until it rests: an operation of several parts may just be between two of them.
            state->deadline = std::chrono::steady_clock::now() + bark_again;
            arm(state);
        });
    }
};

Watchdog::Watchdog(const boost::asio::any_io_executor& executor, std::function<void()> cancel)
    : state_(std::make_shared<State>(executor, std::move(cancel))) {}

Watchdog::~Watchdog() {
    state_->watching = false;
    state_->cancel = nullptr;
    state_->timer.cancel();
}

void Watchdog::watch(TimePoint deadline) {
    state_->deadline = deadline;
    state_->watching = true;
    state_->late = false;
    if (deadline < state_->armed_for) State::arm(state_);
}

bool Watchdog::rest() {
    state_->watching = false;
    return state_->late;
}

} // namespace provenbl::verifier
