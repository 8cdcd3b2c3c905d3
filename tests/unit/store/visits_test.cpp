#include "store/exclusions.hpp"
#include "store/ledger.hpp"
#include "tests/support/store_fixture.hpp"

namespace provenbl {
namespace {

using namespace std::chrono_literals;
using test::ip;

class Visits : public test::StoreFixture {
protected:
    Scan request(const Address& host, ScanKind kind, Duration in = 0ms, const std::vector<std::uint16_t>& ports = {}) {
        Scan scan;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            auto queued = ledger::request_scan(txn, host, kind, txn.now + in, ports);
            if (!queued) return queued.error();
            scan = *queued;
            return {};
        });
        if (!done) throw std::runtime_error(done.error().message);
        return scan;
    }
    Result<> start(const Address& host) {
        return store->write([&](WriteTxn& txn) -> Result<> {
            auto scan = ledger::start_scan(txn, host);
            if (!scan) return scan.error();
            return {};
        });
    }
    std::vector<Address> due() {
        std::vector<Address> all;
        store->read([&](const ReadTxn& txn) {
            ledger::walk_due(txn, clock.now(), [&](const Address& host, ScanKind, Time) {
                all.push_back(host);
                return true;
            });
        });
        return all;
    }
    Scan stored(const Scan& scan) {
        return store->read([&](const ReadTxn& txn) { return hosts::scan(txn, scan.host, scan.id); }).value();
    }
};

TEST_F(Visits, OwnersComeFirstThenReportsThenRescans) {
    request(ip("5.0.0.1"), ScanKind::rescan, -3h);
    request(ip("5.0.0.2"), ScanKind::report, -2h);
    request(ip("5.0.0.3"), ScanKind::report, -3h);
    request(ip("5.0.0.4"), ScanKind::owner, 0h);
    request(ip("5.0.0.5"), ScanKind::owner, 1h); // not yet
    EXPECT_EQ(due(), (std::vector{ip("5.0.0.4"), ip("5.0.0.3"), ip("5.0.0.2"), ip("5.0.0.1")}));
}

TEST_F(Visits, AQueuedVisitIsBroughtForwardNotDoubled) {
    const auto first = request(ip("5.0.0.1"), ScanKind::rescan, 24h, {25});
    const auto second = request(ip("5.0.0.1"), ScanKind::owner, 0h, {25, 8080});
    EXPECT_EQ(first.id, second.id);
    EXPECT_EQ(second.kind, ScanKind::owner);
    EXPECT_EQ(second.ports, (std::vector<std::uint16_t>{25, 8080}));
    EXPECT_EQ(due().size(), 1U);
    EXPECT_EQ(store->statistics().due, 1U);
}

TEST_F(Visits, OneRunsAtATimeAndAnOwnersRequestFollows) {
    const auto first = request(ip("5.0.0.1"), ScanKind::report);
    ASSERT_TRUE(start(first.host));
    EXPECT_EQ(request(first.host, ScanKind::report).id, first.id); // shared
    const auto second = request(first.host, ScanKind::owner);
    EXPECT_NE(second.id, first.id);
    EXPECT_FALSE(start(first.host));
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        auto done = ledger::finish_scan(txn, first.host, first.id, {});
        if (!done) return done.error();
        return {};
    }));
    EXPECT_TRUE(start(first.host));
    EXPECT_EQ(stored(first).state, ScanState::finished);
    EXPECT_EQ(stored(second).state, ScanState::running);
}

TEST_F(Visits, AReportAfterADelistingIsNotAnsweredByTheVisitThatWasOn) {
    const auto first = request(ip("5.0.0.1"), ScanKind::report);
    ASSERT_TRUE(start(first.host));
    clock.advance(1s);
    prove(1, first.host);
    EXPECT_EQ(request(first.host, ScanKind::report).id, first.id);
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        const auto all = Prefix::of(first.host, 32);
        if (auto done = ledger::exclude(txn, {all, "by mistake", "carol", txn.now, {}}); !done) return done.error();
        exclusions::remove(txn, all);
        return {};
    }));
    ASSERT_FALSE(listing(first.host));
    const auto second = request(first.host, ScanKind::report);
    EXPECT_NE(second.id, first.id);
    EXPECT_EQ(second.state, ScanState::queued);
    EXPECT_EQ(request(first.host, ScanKind::report).id, second.id) << "and one is enough";
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        auto done = ledger::finish_scan(txn, first.host, first.id, {});
        if (!done) return done.error();
        return {};
    }));
    EXPECT_EQ(due(), std::vector{first.host});
}

TEST_F(Visits, AVisitThatACrashCutShortBeginsAgain) {
    const auto scan = request(ip("5.0.0.1"), ScanKind::report, 0h, {25});
    ASSERT_TRUE(start(scan.host));
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        ledger::add_step(txn, scan.host, scan.id, {txn.now, "smtp-relay/plain", scan.host, 25, Verdict::refused, "no"});
        return {};
    }));
    const auto behind = request(scan.host, ScanKind::owner, 0h, {8080});
    reopen();
    std::size_t again = 0;
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        again = ledger::requeue_interrupted(txn);
        return {};
    }));
    EXPECT_EQ(again, 1U);
    EXPECT_EQ(due().size(), 1U);
    EXPECT_EQ(stored(scan).state, ScanState::queued);
    EXPECT_EQ(stored(scan).kind, ScanKind::owner);
    EXPECT_TRUE(stored(scan).steps.empty());
    EXPECT_EQ(stored(scan).ports, (std::vector<std::uint16_t>{25, 8080}));
    EXPECT_EQ(stored(behind).state, ScanState::finished);
    EXPECT_TRUE(start(scan.host));
}

TEST_F(Visits, StepsAreSeenWhileItRunsAndAreBounded) {
    const auto scan = request(ip("5.0.0.1"), ScanKind::report);
    ASSERT_TRUE(start(scan.host));
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        for (std::size_t i = 0; i < ledger::max_steps + 10; ++i)
            ledger::add_step(txn, scan.host, scan.id, {txn.now, "t", scan.host, 25, Verdict::refused, ""});
        return {};
    }));
    EXPECT_EQ(stored(scan).steps.size(), ledger::max_steps);
}

TEST_F(Visits, OnlyTheNewestAreKept) {
    Scan last;
    for (std::size_t i = 0; i < ledger::kept_scans + 5; ++i) last = visit(ip("5.0.0.1"), {});
    const auto kept = store->read([&](const ReadTxn& txn) { return hosts::scans(txn, last.host, 1000); });
    EXPECT_EQ(kept.size(), ledger::kept_scans);
    EXPECT_EQ(kept.front().id, last.id);
}

TEST_F(Visits, TheNextVisitKeepsTheReportedPorts) {
    const auto scan = request(ip("5.0.0.1"), ScanKind::report, 0h, {2525});
    ASSERT_TRUE(start(scan.host));
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        ledger::Finish finish;
        finish.next_due = txn.now + 10min;
        auto done = ledger::finish_scan(txn, scan.host, scan.id, finish);
        if (!done) return done.error();
        return {};
    }));
    const auto queued =
        store->read([&](const ReadTxn& txn) { return hosts::scan(txn, scan.host, host(scan.host)->queued_scan); });
    EXPECT_EQ(queued.value().ports, (std::vector<std::uint16_t>{2525}));
}

TEST_F(Visits, AReportIsAnsweredByAVisit) {
    Report filed;
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        Report report;
        report.host = ip("5.0.0.1");
        report.ports = {3128};
        auto result = ledger::file_report(txn, report, txn.now);
        if (!result) return result.error();
        filed = *result;
        return {};
    }));
    EXPECT_EQ(filed.id, 1U);
    EXPECT_EQ(host(filed.host)->queued_scan, filed.scan_id);
}

TEST_F(Visits, NextDueIsTheEarliestOfAllKinds) {
    EXPECT_FALSE(store->read([](const ReadTxn& txn) { return ledger::next_due(txn); }));
    request(ip("5.0.0.1"), ScanKind::owner, 3h);
    request(ip("5.0.0.2"), ScanKind::rescan, 2h);
    EXPECT_EQ(store->read([](const ReadTxn& txn) { return ledger::next_due(txn); }), clock.now() + 2h);
}

TEST_F(Visits, TheConfigurationMovesTheSerialOnce) {
    bool wrote = false;
    const auto note = [&](const char* digest) {
        return store->write([&, digest](WriteTxn& txn) -> Result<> {
            wrote = journal::note_configuration(txn, digest);
            return {};
        });
    };
    ASSERT_TRUE(note("a"));
    EXPECT_TRUE(wrote);
    ASSERT_TRUE(note("a"));
    EXPECT_FALSE(wrote);
    ASSERT_TRUE(note("b"));
    EXPECT_TRUE(wrote);
    EXPECT_EQ(all_changes().size(), 2U);
}

} // namespace
} // namespace provenbl
