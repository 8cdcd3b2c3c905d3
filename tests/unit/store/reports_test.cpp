#include "store/reporters.hpp"
#include "store/reports.hpp"
#include "tests/support/store_fixture.hpp"

namespace provenbl {
namespace {

using namespace std::chrono_literals;
using test::ip;

class Reports : public test::StoreFixture {
protected:
    Reports() {
        Reporter made;
        for (const char* name : {"alice", "bob"}) {
            made.name = name;
            made.key_hash = std::string(32, name[0]);
            const auto done = store->write([&](WriteTxn& txn) -> Result<> {
                const auto added = reporters::add(txn, made);
                return added ? Result<>{} : Result<>{added.error()};
            });
            if (!done) throw std::runtime_error(done.error().message);
        }
    }
    Reporter reporter(const char* name) {
        return store->read([&](const ReadTxn& txn) { return reporters::by_name(txn, name); }).value();
    }
    Result<Report> file(const char* name, std::vector<std::uint16_t> ports = {}, std::optional<Duration> in = 0ms) {
        Report report;
        report.host = host_;
        report.ports = std::move(ports);
        report.reporter = name;
        report.reporter_id = reporter(name).id;
        report.comment = name;
        Result<Report> filed = report;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            filed = ledger::file_report(txn, report, in ? std::optional(txn.now + *in) : std::nullopt);
            return filed ? Result<>{} : Result<>{filed.error()};
        });
        return done ? filed : Result<Report>(done.error());
    }
    std::vector<Report> all() {
        return store->read([&](const ReadTxn& txn) { return reports::of(txn, host_); });
    }
    ScanStep step(Verdict verdict) { return {clock.now(), "smtp-relay/plain", host_, 25, verdict, "554 no"}; }
    // Runs the visit that is queued.
    void run(const std::vector<ScanStep>& steps, const ledger::Finish& finish = {}) {
        ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
            const auto started = ledger::start_scan(txn, host_);
            if (!started) return started.error();
            for (const auto& each : steps) ledger::add_step(txn, host_, started->id, each);
            const auto done = ledger::finish_scan(txn, host_, started->id, finish);
            return done ? Result<>{} : Result<>{done.error()};
        }));
    }
    const Address host_ = ip("5.6.7.8");
};

TEST_F(Reports, WhatIsSaidAgainIsMerged) {
    const auto first = file("alice", {25}).value();
    clock.advance(1h);
    const auto again = file("alice", {25, 8080}).value();
    EXPECT_EQ(again.id, first.id);
    EXPECT_EQ(again.count, 2U);
    EXPECT_EQ(again.received, first.received);
    EXPECT_EQ(again.last, clock.now());
    EXPECT_EQ(again.ports, (std::vector<std::uint16_t>{25, 8080}));
    EXPECT_EQ(again.scan_id, first.scan_id) << "one visit answers both";
    EXPECT_NE(file("bob").value().id, first.id) << "another's report is another report";
    EXPECT_EQ(all().size(), 2U);
}

TEST_F(Reports, AreBounded) {
    Report report;
    report.host = host_;
    report.comment = std::string(5000, 'x');
    for (std::uint16_t port = 1; port < 100; ++port) report.ports.push_back(port);
    for (std::uint32_t id = 100; id < 100 + reports::most_of_host; ++id) {
        report.reporter_id = id;
        ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
            const auto filed = ledger::file_report(txn, report, txn.now);
            return filed ? Result<>{} : Result<>{filed.error()};
        }));
    }
    EXPECT_EQ(file("alice").error().code, Errc::busy);
    EXPECT_EQ(all().size(), reports::most_of_host);
    EXPECT_EQ(all().front().comment.size(), 1000U);
    EXPECT_EQ(all().front().ports.size(), 16U);
}

TEST_F(Reports, OneAloneMayWaitForAnother) {
    const auto waiting = file("alice", {}, std::nullopt).value();
    EXPECT_EQ(waiting.scan_id, 0U);
    EXPECT_FALSE(host(host_)) << "nothing is queued";
    const auto others = [&](const char* name, Duration back) {
        return store->read([&](const ReadTxn& txn) {
            return reports::others_naming(txn, host_, reporter(name).id, clock.now() - back);
        });
    };
    EXPECT_EQ(others("alice", 1h), 0U);
    EXPECT_EQ(others("bob", 1h), 1U);
    clock.advance(2h);
    EXPECT_EQ(others("bob", 1h), 0U) << "too long ago";
    ASSERT_TRUE(file("bob"));
    run({step(Verdict::refused)});
    for (const auto& report : all()) EXPECT_EQ(report.state, ReportState::wrong) << report.reporter;
}

TEST_F(Reports, ProofMakesThemRight) {
    ASSERT_TRUE(file("alice"));
    prove(1, host_);
    EXPECT_EQ(all().front().state, ReportState::right);
    EXPECT_EQ(reporter("alice").right, 1U);
    EXPECT_GT(reporter("alice").standing, 0);
}

TEST_F(Reports, MailThatArrivesAfterTheVisitStillMakesThemRight) {
    ASSERT_TRUE(file("alice"));
    run({step(Verdict::inconclusive)});
    EXPECT_EQ(all().front().state, ReportState::unclear);
    EXPECT_EQ(reporter("alice").standing, 0);
    clock.advance(3h);
    prove(1, host_);
    EXPECT_EQ(all().front().state, ReportState::right);
}

TEST_F(Reports, AHostThatIsClosedEverywhereMakesThemWrong) {
    ASSERT_TRUE(file("alice"));
    run({step(Verdict::refused), step(Verdict::closed_port)});
    EXPECT_EQ(all().front().state, ReportState::wrong);
    EXPECT_EQ(reporter("alice").wrong, 1U);
    EXPECT_LT(reporter("alice").standing, 0);
    prove(1, host_);
    EXPECT_EQ(all().front().state, ReportState::wrong) << "judged is judged";
}

TEST_F(Reports, TheOutcomeOfAVisit) {
    Scan scan;
    scan.started = clock.now();
    const auto outcome_of = [&](const std::vector<Verdict>& verdicts, bool listed_before = false) {
        scan.steps.clear();
        for (const auto verdict : verdicts) scan.steps.push_back(step(verdict));
        Host known;
        known.address = host_;
        if (listed_before) {
            known.holes.push_back(
                {"smtp-relay/plain", host_, 25, ListingClass::relay, 0, scan.started - 2h, scan.started - 1h});
        }
        return reports::outcome(scan, known);
    };
    using V = Verdict;
    EXPECT_EQ(outcome_of({V::refused, V::open}), ReportState::right);
    EXPECT_EQ(outcome_of({V::refused, V::closed_port}), ReportState::wrong);
    EXPECT_EQ(outcome_of({V::refused, V::unreachable}), ReportState::unclear);
    EXPECT_EQ(outcome_of({V::refused, V::inconclusive}), ReportState::unclear);
    EXPECT_EQ(outcome_of({}), ReportState::unclear);
    EXPECT_EQ(outcome_of({V::refused}, true), ReportState::unclear) << "it was open when it was reported";
}

TEST_F(Reports, AVisitThatIsPutOffHandsThemOn) {
    ASSERT_TRUE(file("alice"));
    ledger::Finish later;
    later.next_due = clock.now() + 10min;
    later.next_kind = ScanKind::report;
    run({step(Verdict::inconclusive)}, later);
    EXPECT_EQ(all().front().state, ReportState::open);
    EXPECT_EQ(all().front().scan_id, host(host_)->queued_scan);
    run({step(Verdict::refused)});
    EXPECT_EQ(all().front().state, ReportState::wrong);
}

TEST_F(Reports, AgeOutWithoutATrace) {
    const auto first = file("alice").value();
    ASSERT_TRUE(file("bob"));
    bool forgotten = false;
    bool again = true;
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        forgotten = reports::forget(txn, first.id);
        again = reports::forget(txn, first.id);
        return {};
    }));
    EXPECT_TRUE(forgotten);
    EXPECT_FALSE(again);
    ASSERT_EQ(all().size(), 1U);
    EXPECT_EQ(all().front().reporter, "bob");
}

TEST_F(Reports, AnExclusionWithdrawsThem) {
    ASSERT_TRUE(file("alice"));
    Exclusion exclusion;
    exclusion.prefix = Prefix::parse("5.6.0.0/16").value();
    exclusion.reason = "asked";
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        const auto done = ledger::exclude(txn, exclusion);
        return done ? Result<>{} : Result<>{done.error()};
    }));
    EXPECT_EQ(all().front().state, ReportState::withdrawn);
    EXPECT_EQ(file("bob").error().code, Errc::not_allowed);
    EXPECT_EQ(file("bob", {}, std::nullopt).error().code, Errc::not_allowed);
}

} // namespace
} // namespace provenbl
