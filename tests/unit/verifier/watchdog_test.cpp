// Deadlines on one timer: what is cancelled, and what is let be. No test waits for a deadline that is not past.
#include "verifier/watchdog.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;

class WatchdogTest : public ::testing::Test {
protected:
    using Clock = std::chrono::steady_clock;
    // Whatever the timer has to say by now.
    void look() {
        context.restart();
        context.poll();
    }
    // Until the operation has been cancelled so often.
    void run_until(int wanted) {
        context.restart();
        while (cancelled < wanted && context.run_one() > 0) {
        }
    }

    boost::asio::io_context context{1};
    int cancelled = 0;
    std::unique_ptr<Watchdog> dog = std::make_unique<Watchdog>(context.get_executor(), [this] { ++cancelled; });
    const Clock::time_point past = Clock::now() - 1s;
    const Clock::time_point far = Clock::now() + 1h;
};

TEST_F(WatchdogTest, cancels_at_the_deadline) {
    dog->watch(past);
    run_until(1);
    EXPECT_EQ(cancelled, 1);
    EXPECT_TRUE(dog->rest());
}

TEST_F(WatchdogTest, lets_be_what_ends_in_time) {
    dog->watch(far);
    look();
    EXPECT_FALSE(dog->rest());
    dog->watch(past);
    EXPECT_FALSE(dog->rest()) << "it ended before the timer was heard";
    look();
    EXPECT_EQ(cancelled, 0);
}

TEST_F(WatchdogTest, a_deadline_that_moved_on_is_the_one_that_counts) {
    dog->watch(past);
    EXPECT_FALSE(dog->rest());
    dog->watch(far); // the timer still stands at the one before
    look();
    EXPECT_EQ(cancelled, 0);
    EXPECT_FALSE(dog->rest());
}

TEST_F(WatchdogTest, a_deadline_may_come_nearer) {
    dog->watch(far);
    EXPECT_FALSE(dog->rest());
    dog->watch(past);
    run_until(1);
    EXPECT_TRUE(dog->rest());
}

TEST_F(WatchdogTest, cancels_again_until_the_operation_has_ended) {
    dog->watch(past);
    run_until(3); // an operation of several parts had nothing to cancel at the first two
    EXPECT_EQ(cancelled, 3);
    EXPECT_TRUE(dog->rest());
    dog->watch(far);
    EXPECT_FALSE(dog->rest());
}

TEST_F(WatchdogTest, is_silent_when_it_is_gone) {
    dog->watch(past);
    dog.reset();
    context.restart();
    context.run(); // ends, because nothing waits any more
    EXPECT_EQ(cancelled, 0);
}

} // namespace
} // namespace provenbl::verifier
