// From arrival to listing in one transaction; the sinks' tests show the same through sockets.
#include "store/journal.hpp"
#include "tests/unit/verifier/store_world.hpp"
#include "verifier/receiver.hpp"

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;
using testing::StoreWorld;

const Address suspect = Address::v4(127, 0, 0, 10);

Arrival arrival_from(const Address& exit, Time at) {
    return {at, exit, 25, "Received: from somewhere\r\n"};
}

TEST(Receiver, MailListsWithEvidenceJournalAndTheNextVisitTogether) {
    StoreWorld world;
    const auto token = world.issue(SinkKind::mail);
    ASSERT_TRUE(world.receiver->examine(token.text, SinkKind::mail));
    ASSERT_TRUE(world.await(world.receiver->accept(token.id, arrival_from(suspect, world.clock.now()))));
    const auto host = world.host(suspect);
    ASSERT_TRUE(host);
    EXPECT_TRUE(host->listed());
    EXPECT_NE(host->queued_scan, 0U);
    EXPECT_GE(host->due, world.clock.now() + world.settings.policy.rescan_interval);
    EXPECT_LE(host->due, world.clock.now() + 2 * world.settings.policy.rescan_interval);
    world.store->read([&](const ReadTxn& txn) {
        EXPECT_EQ(journal::of(txn, suspect, 10).size(), 1U);
        EXPECT_EQ(hosts::evidence(txn, suspect, host->case_id).size(), 1U);
    });
}

TEST(Receiver, TheSameTokenTwiceIsRefusedTheSecondTimeAndCounted) {
    StoreWorld world;
    const auto token = world.issue(SinkKind::mail);
    EXPECT_TRUE(world.await(world.receiver->accept(token.id, arrival_from(suspect, world.clock.now()))));
    const auto again = world.await(world.receiver->accept(token.id, arrival_from(suspect, world.clock.now())));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::conflict);
    EXPECT_EQ(world.receiver->counters().used, 1U);
    EXPECT_EQ(world.receiver->counters().mail_accepted, 1U);
}

TEST(Receiver, AWaitingProbeIsTold) {
    StoreWorld world;
    const auto token = world.issue(SinkKind::mail);
    auto waiting = boost::asio::co_spawn(world.context, world.arrivals->wait(token.id, 10min), boost::asio::use_future);
    EXPECT_TRUE(world.await(world.receiver->accept(token.id, arrival_from(suspect, world.clock.now()))));
    EXPECT_TRUE(waiting.get());
}

TEST(Receiver, ExitsAreNotListedWhereTheRulesSaySo) {
    StoreWorld world;
    world.settings.policy.list_exits = false;
    const auto token = world.issue(SinkKind::mail);
    const auto exit = Address::v4(127, 0, 0, 66);
    EXPECT_TRUE(world.await(world.receiver->accept(token.id, arrival_from(exit, world.clock.now()))));
    EXPECT_TRUE(world.listed(suspect));
    EXPECT_FALSE(world.listed(exit));
}

TEST(Receiver, AnExitThatTheGateHoldsIsNotListed) {
    StoreWorld world;
    const auto token = world.issue(SinkKind::mail);
    const auto exit = Address::v4(10, 0, 0, 1); // special-purpose, and not unlocked
    EXPECT_TRUE(world.await(world.receiver->accept(token.id, arrival_from(exit, world.clock.now()))));
    EXPECT_TRUE(world.listed(suspect));
    EXPECT_FALSE(world.listed(exit));
}

TEST(Receiver, ASpecialPurposeTargetIsRecordedButNotListed) {
    StoreWorld world;
    const auto target = Address::v4(10, 0, 0, 7);
    const auto token = world.issue(SinkKind::mail, {target, 25});
    EXPECT_TRUE(world.await(world.receiver->accept(token.id, arrival_from(target, world.clock.now()))));
    EXPECT_FALSE(world.listed(target));
    EXPECT_TRUE(world.store->read([&](const ReadTxn& txn) { return tokens::find(txn, token.id)->arrived; }));
}

TEST(Receiver, ACallbackTokenMayBeSaidTwiceUntilItsAnswerIsBack) {
    StoreWorld world;
    const auto token = world.issue(SinkKind::callback, {suspect, 1080});
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(world.receiver->examine(token.text, SinkKind::callback));
        EXPECT_TRUE(world.await(world.receiver->accept(token.id, arrival_from(suspect, world.clock.now()))));
    }
    EXPECT_TRUE(world.await(world.receiver->confirm(token.id)));
    const auto refused = world.receiver->examine(token.text, SinkKind::callback);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
}

TEST(Receiver, ADatagramOfAWorkersVisitNeverLists) {
    StoreWorld world;
    PendingProbe probe;
    probe.target = {suspect, 1080};
    probe.carrier = "frankfurt";
    world.store->read([&](const ReadTxn& txn) {
        probe.sink = SinkKind::callback;
        EXPECT_TRUE(lists(txn, probe, suspect, VantagePoints::one));
        EXPECT_FALSE(lists(txn, probe, suspect, VantagePoints::two));
        probe.sink = SinkKind::datagram;
        EXPECT_FALSE(lists(txn, probe, suspect, VantagePoints::one)) << "its source is whatever the worker writes";
        probe.carrier.clear();
        EXPECT_TRUE(lists(txn, probe, suspect, VantagePoints::two)) << "our own";
    });
}

} // namespace
} // namespace provenbl::verifier
