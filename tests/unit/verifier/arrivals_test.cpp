// Waiting for a token: told by this process, seen in the store, or not at all.
#include "tests/unit/verifier/store_world.hpp"
#include "verifier/arrivals.hpp"

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;
using testing::StoreWorld;

// Longer than any test runs: what returns before has been woken.
constexpr Duration long_patience = 10min;

void arrive(StoreWorld& world, const TokenId& id) {
    world.write([&](WriteTxn& txn) {
        EXPECT_TRUE(tokens::arrive(txn, id, {txn.now, Address::v4(127, 0, 0, 9), 25, "m"}));
    });
}

TEST(Arrivals, WhatHasArrivedIsSeenAtOnce) {
    StoreWorld world;
    const auto token = world.issue(SinkKind::callback);
    arrive(world, token.id);
    EXPECT_TRUE(world.await(world.arrivals->wait(token.id, 0ms)));
}

TEST(Arrivals, PatienceEnds) {
    StoreWorld world;
    const auto token = world.issue(SinkKind::callback);
    EXPECT_FALSE(world.await(world.arrivals->wait(token.id, 1ms)));
    EXPECT_EQ(world.arrivals->waiting(), 0U);
}

TEST(Arrivals, NotifyWakesEveryWaiterOfTheToken) {
    StoreWorld world;
    const auto token = world.issue(SinkKind::callback);
    auto one =
        boost::asio::co_spawn(world.context, world.arrivals->wait(token.id, long_patience), boost::asio::use_future);
    auto two =
        boost::asio::co_spawn(world.context, world.arrivals->wait(token.id, long_patience), boost::asio::use_future);
    while (world.arrivals->waiting() < 2) std::this_thread::yield();
    world.arrivals->notify(token.id);
    EXPECT_TRUE(one.get());
    EXPECT_TRUE(two.get());
}

TEST(Arrivals, ACommitOfAnotherProcessIsSeenInTheStore) {
    StoreWorld world;
    const auto token = world.issue(SinkKind::callback);
    auto waiting =
        boost::asio::co_spawn(world.context, world.arrivals->wait(token.id, long_patience), boost::asio::use_future);
    while (world.arrivals->waiting() < 1) std::this_thread::yield();
    arrive(world, token.id); // nobody notifies
    EXPECT_TRUE(waiting.get());
}

TEST(Arrivals, AnotherTokensArrivalWakesNobody) {
    StoreWorld world;
    const auto token = world.issue(SinkKind::callback);
    const auto other = world.issue(SinkKind::callback);
    arrive(world, other.id);
    world.arrivals->notify(other.id);
    EXPECT_FALSE(world.await(world.arrivals->wait(token.id, 30ms)));
}

} // namespace
} // namespace provenbl::verifier
