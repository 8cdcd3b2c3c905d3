// Deadlines for the operations on one socket, one after the other, with a single timer.
//
// A conversation is hundreds of short operations whose deadlines move on and hardly ever come. So the timer is left
// alone while they move later: when it goes off it looks what the deadline is by now, and sleeps on or cancels. An
// operation costs no timer, no coroutine and no turn of the executor for it. One thread runs all of it.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace provenbl::verifier {

class Watchdog {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    // `cancel` ends what waits on the socket (with operation_aborted); it is not called once this is gone.
    Watchdog(const boost::asio::any_io_executor& executor, std::function<void()> cancel);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    // An operation begins; at the deadline it is cancelled.
    void watch(TimePoint deadline);
    // It has ended. Was it cancelled for its deadline?
    [[nodiscard]] bool rest();

private:
    struct State;
    std::shared_ptr<State> state_; // the timer's handler shares it
};

} // namespace provenbl::verifier
