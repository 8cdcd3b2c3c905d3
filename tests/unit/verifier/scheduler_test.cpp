// The order in which visits are taken, and the bounds; the visits themselves are scripted.
#include "store/carried.hpp"
#include "store/notices.hpp"
#include "tests/unit/verifier/store_world.hpp"
#include "verifier/commit.hpp"
#include "verifier/scheduler.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;
using testing::StoreWorld;

void request(StoreWorld& world, const Address& host, ScanKind kind, Time due) {
    world.write([&](WriteTxn& txn) { EXPECT_TRUE(ledger::request_scan(txn, host, kind, due, {})); });
}

Address numbered(unsigned network, unsigned host) {
    return Address::v4(127, 1, static_cast<std::uint8_t>(network), static_cast<std::uint8_t>(host));
}

std::vector<Address> take(StoreWorld& world, Bookings& bookings, const std::map<Address, Time>& held = {}) {
    const auto taken =
        world.store->read([&](const ReadTxn& txn) { return bookings.take(txn, world.clock.now(), held); });
    std::vector<Address> hosts;
    for (const auto& booking : taken.bookings) hosts.push_back(booking.host);
    return hosts;
}

TEST(Bookings, AVisitThatIsStillUnderWayIsNotTakenForAnInterruptedOne) {
    StoreWorld world;
    SchedulerSettings settings;
    Bookings bookings(settings);
    const auto ours = numbered(1, 1);
    const auto of_the_dead = numbered(2, 1);
    for (const auto& host : {ours, of_the_dead}) {
        request(world, host, ScanKind::report, world.clock.now());
        world.write([&](WriteTxn& txn) { EXPECT_TRUE(ledger::start_scan(txn, host)); });
    }
    world.clock.advance(24h); // with a worker that nobody misses
    std::size_t again = 0;
    world.write([&](WriteTxn& txn) { again = ledger::requeue_interrupted(txn, txn.now - 1h, {ours}); });
    EXPECT_EQ(again, 1U);
    EXPECT_NE(world.host(ours)->running_scan, 0U);
    EXPECT_EQ(world.host(of_the_dead)->running_scan, 0U);
    EXPECT_EQ(take(world, bookings), std::vector{of_the_dead});
    EXPECT_EQ(bookings.hosts(), std::set<Address>{of_the_dead});
    bookings.release({of_the_dead, {of_the_dead}});
    EXPECT_TRUE(bookings.hosts().empty());
}

TEST(Bookings, OwnersThenReportsThenRescansAndNothingThatIsNotDue) {
    StoreWorld world;
    const auto now = world.clock.now();
    request(world, numbered(1, 1), ScanKind::rescan, now - 1h);
    request(world, numbered(2, 1), ScanKind::report, now - 1min);
    request(world, numbered(3, 1), ScanKind::report, now - 2min);
    request(world, numbered(4, 1), ScanKind::owner, now);
    request(world, numbered(5, 1), ScanKind::owner, now + 1min);
    Bookings bookings({64, 4});
    EXPECT_EQ(take(world, bookings),
              (std::vector<Address>{numbered(4, 1), numbered(3, 1), numbered(2, 1), numbered(1, 1)}));
    EXPECT_EQ(take(world, bookings), std::vector<Address>{}); // a host that is visited is not taken again
}

TEST(Bookings, AFullNetworkIsPassedOverAndOthersGoOn) {
    StoreWorld world;
    for (unsigned host = 1; host <= 4; ++host) request(world, numbered(1, host), ScanKind::report, world.clock.now());
    request(world, numbered(2, 1), ScanKind::rescan, world.clock.now());
    Bookings bookings({64, 2});
    EXPECT_EQ(take(world, bookings), (std::vector<Address>{numbered(1, 1), numbered(1, 2), numbered(2, 1)}));
    bookings.release({numbered(1, 1), {numbered(1, 1)}});
    world.write([](WriteTxn& txn) { EXPECT_TRUE(ledger::start_scan(txn, numbered(1, 1))); });
    EXPECT_EQ(take(world, bookings), (std::vector<Address>{numbered(1, 3)}));
}

TEST(Bookings, InAllSoManyAndNoMore) {
    StoreWorld world;
    for (unsigned network = 1; network <= 5; ++network)
        request(world, numbered(network, 1), ScanKind::report, world.clock.now());
    Bookings bookings({3, 4});
    EXPECT_EQ(take(world, bookings).size(), 3U);
    EXPECT_EQ(bookings.running(), 3U);
    EXPECT_EQ(take(world, bookings).size(), 0U);
}

// More hosts than a look walks over, reported before, in networks that are full: all slots are taken by slow ones.
TEST(Bookings, AReportersManyHostsNeverHoldUpAnOwner) {
    StoreWorld world;
    const auto now = world.clock.now();
    constexpr unsigned many = 12'000;
    world.write([&](WriteTxn& txn) {
        for (unsigned i = 0; i < many; ++i) {
            const auto host = Address::v4(127, 2, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i));
            EXPECT_TRUE(ledger::request_scan(txn, host, ScanKind::report, now - 24h, {}));
        }
    });
    Bookings bookings({16, 4});
    ASSERT_EQ(take(world, bookings).size(), 16U); // and none of them ever ends
    world.clock.advance(1min);
    EXPECT_TRUE(take(world, bookings).empty());

    const auto owners = Address::v4(127, 3, 0, 1);
    request(world, owners, ScanKind::owner, world.clock.now());
    EXPECT_EQ(take(world, bookings), std::vector<Address>{owners});
    const auto in_a_full_network = Address::v4(127, 2, 0, 200); // reported too, and so far behind
    request(world, in_a_full_network, ScanKind::owner, world.clock.now());
    EXPECT_EQ(take(world, bookings), std::vector<Address>{in_a_full_network});
}

TEST(Bookings, OwnersHavePlacesOfTheirOwnAndNotWithoutEnd) {
    StoreWorld world;
    for (unsigned network = 1; network <= 40; ++network)
        request(world, numbered(network, 1), ScanKind::owner, world.clock.now());
    Bookings bookings({16, 4});
    EXPECT_EQ(take(world, bookings).size(), 20U);
    for (unsigned host = 1; host <= 9; ++host) request(world, numbered(99, host), ScanKind::owner, world.clock.now());
    Bookings others({64, 4});
    const auto taken = take(world, others);
    EXPECT_EQ(std::count_if(taken.begin(), taken.end(),
                            [](const Address& host) { return network_of(host) == network_of(numbered(99, 1)); }),
              5);
    EXPECT_TRUE(take(world, others).empty());
}

// The executor lags: what is not an owner's waits, and is known to wait for nothing else.
TEST(Bookings, OfOthersThanOwnersNoMoreThanAskedFor) {
    StoreWorld world;
    const auto now = world.clock.now();
    for (unsigned network = 1; network <= 5; ++network)
        request(world, numbered(network, 1), ScanKind::report, now - 1h);
    for (unsigned network = 11; network <= 13; ++network) request(world, numbered(network, 1), ScanKind::owner, now);
    Bookings bookings({64, 4});
    const auto some = [&](std::size_t others) {
        return world.store->read([&](const ReadTxn& txn) { return bookings.take(txn, now, {}, others); });
    };
    const auto owners = some(0);
    EXPECT_EQ(owners.bookings.size(), 3U);
    EXPECT_TRUE(owners.more);
    const auto two = some(2);
    EXPECT_EQ(two.bookings.size(), 2U);
    EXPECT_TRUE(two.more);
    const auto rest = some(16);
    EXPECT_EQ(rest.bookings.size(), 3U);
    EXPECT_FALSE(rest.more);
}

// Places that are taken are no reason to look again at once.
TEST(Bookings, WhereNoPlaceIsFreeThereIsNothingMore) {
    StoreWorld world;
    for (unsigned network = 1; network <= 5; ++network)
        request(world, numbered(network, 1), ScanKind::report, world.clock.now());
    Bookings bookings({3, 4});
    const auto taken =
        world.store->read([&](const ReadTxn& txn) { return bookings.take(txn, world.clock.now(), {}, 16); });
    EXPECT_EQ(taken.bookings.size(), 3U);
    EXPECT_TRUE(taken.passed_over);
    EXPECT_FALSE(taken.more);
}

TEST(Bookings, AHeldHostWaits) {
    StoreWorld world;
    request(world, numbered(1, 1), ScanKind::report, world.clock.now());
    Bookings bookings({64, 4});
    const std::map<Address, Time> held{{numbered(1, 1), world.clock.now() + 5s}};
    EXPECT_TRUE(take(world, bookings, held).empty());
    world.clock.advance(5s);
    EXPECT_EQ(take(world, bookings, held).size(), 1U);
}

TEST(Bookings, TheEntryOfAChainIsBookedWithItsExit) {
    StoreWorld world;
    const auto entry = numbered(1, 1);
    const auto exit = numbered(2, 1);
    const auto token = world.issue(SinkKind::mail, {entry, 25});
    Arrival arrival{world.clock.now(), exit, 25, "m"};
    ASSERT_TRUE(world.await(world.receiver->accept(token.id, arrival)));
    world.clock.advance(49h); // both are due for a rescan, and both visits probe the entry
    Bookings bookings({64, 4});
    const auto first = take(world, bookings);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(bookings.running(), 1U);
}

TEST(Bookings, AListThatIsShutDownLooksForOwnersOnly) {
    StoreWorld world;
    request(world, numbered(1, 1), ScanKind::owner, world.clock.now());
    request(world, numbered(2, 1), ScanKind::report, world.clock.now());
    request(world, numbered(3, 1), ScanKind::rescan, world.clock.now());
    world.write([](WriteTxn& txn) { EXPECT_TRUE(notices::shut_down(txn, "we close", "carol")); });
    Bookings bookings({64, 4});
    const auto taken = take(world, bookings);
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0], numbered(1, 1));
    world.write([](WriteTxn& txn) { EXPECT_TRUE(notices::resume(txn, "", "carol")); });
    EXPECT_EQ(take(world, bookings).size(), 2U);
}

TEST(NetworkOf, ATwentyFourOrAFortyEight) {
    EXPECT_EQ(network_of(Address::v4(192, 0, 2, 77)).to_string(), "192.0.2.0/24");
    EXPECT_EQ(network_of(Address::parse("2001:db8:1:2::3").value()).to_string(), "2001:db8:1::/48");
}

// A scheduler whose visits wait until the test lets them end.
class SchedulerTest : public ::testing::Test {
protected:
    void start(const SchedulerSettings& settings) {
        world.on_context([&] {
            scheduler.emplace(world.context.get_executor(), *world.store, world.clock, settings,
                              [this](Address host) { return visit(host); });
            scheduler->start();
        });
    }
    ~SchedulerTest() override {
        if (scheduler) world.on_context([this] { scheduler->stop(); });
        world.finish();
        scheduler.reset();
    }

    Awaitable<Result<>> visit(Address host) {
        {
            const std::lock_guard lock(mutex);
            begun.push_back(host);
        }
        changed.notify_all();
        if (fails) co_return Error{Errc::io, "the store is in trouble"};
        Store::Work start_it = [host](WriteTxn& txn) -> Result<> {
            const auto started = ledger::start_scan(txn, host);
            return started ? Result<>{} : Result<>{started.error()};
        };
        const auto started = co_await commit(*world.store, std::move(start_it));
        if (!started) co_return started;
        boost::asio::steady_timer glance(co_await boost::asio::this_coro::executor);
        while (!may_end) {
            glance.expires_after(1ms);
            co_await glance.async_wait(boost::asio::use_awaitable);
        }
        Store::Work finish_it = [host](WriteTxn& txn) -> Result<> {
            const auto known = hosts::find(txn, host);
            const auto finished = ledger::finish_scan(txn, host, known->running_scan, {});
            return finished ? Result<>{} : Result<>{finished.error()};
        };
        co_return co_await commit(*world.store, std::move(finish_it));
    }
    void wait_for_begun(std::size_t count) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return begun.size() >= count; });
    }
    std::size_t begun_count() {
        const std::lock_guard lock(mutex);
        return begun.size();
    }

    StoreWorld world;
    std::optional<Scheduler> scheduler;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Address> begun;
    std::atomic<bool> may_end{false};
    std::atomic<bool> fails{false};
};

TEST_F(SchedulerTest, WhatIsCommittedIsTaken) {
    start({64, 4});
    request(world, numbered(1, 1), ScanKind::report, world.clock.now());
    wait_for_begun(1);
    request(world, numbered(2, 1), ScanKind::owner, world.clock.now());
    wait_for_begun(2);
    EXPECT_EQ(begun, (std::vector<Address>{numbered(1, 1), numbered(2, 1)}));
    may_end = true;
    while (scheduler->finished() < 2) std::this_thread::yield();
    EXPECT_EQ(scheduler->running(), 0U);
}

TEST_F(SchedulerTest, WhatBecomesDueIsTakenThen) {
    start({64, 4});
    request(world, numbered(1, 1), ScanKind::report, world.clock.now() + 1h);
    request(world, numbered(2, 1), ScanKind::report, world.clock.now());
    wait_for_begun(1);
    EXPECT_EQ(begun.at(0), numbered(2, 1));
    world.clock.advance(1h);
    wait_for_begun(2);
    EXPECT_EQ(begun.at(1), numbered(1, 1));
    may_end = true;
}

TEST_F(SchedulerTest, AnOwnersRequestDuringAVisitFollowsIt) {
    start({64, 4});
    request(world, numbered(1, 1), ScanKind::report, world.clock.now());
    wait_for_begun(1);
    while (world.host(numbered(1, 1))->running_scan == 0) std::this_thread::yield();
    request(world, numbered(1, 1), ScanKind::owner, world.clock.now());
    EXPECT_EQ(scheduler->running(), 1U);
    may_end = true;
    wait_for_begun(2);
    EXPECT_EQ(begun.at(1), numbered(1, 1));
}

TEST_F(SchedulerTest, AnOwnersVisitBeginsWhileSlowOnesHoldEverySlot) {
    for (unsigned network = 1; network <= 50; ++network)
        request(world, numbered(network, 1), ScanKind::report, world.clock.now());
    start({8, 4});
    wait_for_begun(8);
    request(world, numbered(60, 1), ScanKind::owner, world.clock.now());
    wait_for_begun(9); // none of the eight has ended
    EXPECT_EQ(begun.at(8), numbered(60, 1));
    EXPECT_EQ(scheduler->finished(), 0U);
    may_end = true;
    while (scheduler->finished() < 51) std::this_thread::yield();
}

TEST_F(SchedulerTest, TheNextIsTakenWhenOneEnds) {
    start({1, 1});
    request(world, numbered(1, 1), ScanKind::report, world.clock.now());
    request(world, numbered(2, 1), ScanKind::report, world.clock.now());
    wait_for_begun(1);
    may_end = true;
    wait_for_begun(2);
}

TEST_F(SchedulerTest, AVisitThatFailsIsTriedAgainLaterAndNotAtOnce) {
    fails = true;
    start({64, 4});
    request(world, numbered(1, 1), ScanKind::report, world.clock.now());
    wait_for_begun(1);
    while (scheduler->running() != 0) std::this_thread::yield();
    for (unsigned i = 0; i < 20; ++i) request(world, numbered(9, 1), ScanKind::rescan, world.clock.now() + 24h);
    EXPECT_EQ(begun_count(), 1U);
    fails = false;
    may_end = true;
    world.clock.advance(6s);
    wait_for_begun(2);
    while (scheduler->finished() < 1) std::this_thread::yield();
}

TEST_F(SchedulerTest, StoppingCancelsVisits) {
    start({64, 4});
    request(world, numbered(1, 1), ScanKind::report, world.clock.now());
    wait_for_begun(1);
    while (world.host(numbered(1, 1))->running_scan == 0) std::this_thread::yield();
    world.on_context([this] { scheduler->stop(); });
    world.finish(); // returns only when the visit has ended
    EXPECT_EQ(scheduler->finished(), 0U);
    EXPECT_NE(world.host(numbered(1, 1))->running_scan, 0U); // to be taken up again
}

} // namespace
} // namespace provenbl::verifier
