#include "store/retention.hpp"
#include "tests/support/store_fixture.hpp"
#include "tools/api/timeline.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace provenbl::tools::api {
namespace {

using namespace std::chrono_literals;
using test::ip;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Timeline : public test::StoreFixture {
protected:
    const Address suspect = ip("5.6.7.8");

    std::vector<LifeLine> lines(Reader reader = Reader::everybody) {
        return timeline(store->read([&](const ReadTxn& txn) { return read_life(txn, suspect, clock.now()); }), reader);
    }
    static std::vector<std::string> what(const std::vector<LifeLine>& lines) {
        std::vector<std::string> all;
        for (const auto& line : lines) all.push_back(line.what);
        return all;
    }
    ScanStep step(const char* technique, Verdict verdict) { return {clock.now(), technique, suspect, 25, verdict, ""}; }
    static ledger::Finish finish(const char* outcome) {
        ledger::Finish made;
        made.outcome = outcome;
        return made;
    }
    void clear(const Scan& scan, const std::vector<Hole>& holes, const char* actor) {
        const auto clearance = Clearance::from_scan(scan, holes, ChangeReason::secured).value();
        ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
            auto host = ledger::clear(txn, clearance, actor);
            if (!host) return host.error();
            return {};
        }));
    }
};

TEST_F(Timeline, NothingIsKnown) {
    EXPECT_TRUE(lines().empty());
}

TEST_F(Timeline, AWholeLifeInOrder) {
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        Report report;
        report.host = suspect;
        report.reporter = "alice";
        report.comment = "spam run";
        auto filed = ledger::file_report(txn, report, txn.now);
        if (!filed) return filed.error();
        return {};
    }));
    clock.advance(1min);
    prove(test::mail_probe(1, suspect, clock.now()), suspect);
    const auto two = prove(test::mail_probe(2, suspect, clock.now(), "smtp-relay/percent"), suspect);
    clock.advance(1min);
    visit(suspect, {step("smtp-relay/plain", Verdict::open)}, finish("Proven open."), ScanKind::report);
    clock.advance(1h);
    const auto partly =
        visit(suspect, {step("smtp-relay/plain", Verdict::open), step("smtp-relay/percent", Verdict::refused)},
              finish("Still open."), ScanKind::owner);
    clear(partly, {two.holes.at(1)}, "owner");
    clock.advance(1h);
    const auto last =
        visit(suspect, {step("smtp-relay/plain", Verdict::refused)}, finish("Delisted."), ScanKind::rescan);
    clear(last, {two.holes.at(0)}, "verifier");
    clock.advance(1h);
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        (void)ledger::exclude(txn, {Prefix::parse("5.6.7.0/24").value(), "asked for", "bob", txn.now, {}});
        return {};
    }));

    const auto all = lines(Reader::the_operator);
    EXPECT_THAT(what(all), ElementsAre("reported", "proven", "proven", "listed", "visited", "asked", "visited",
                                       "closed", "visited", "delisted", "excluded"));
    EXPECT_EQ(all[3].journal, 1U);
    EXPECT_THAT(all[4].cause, HasSubstr("1 open: Proven open."));
    EXPECT_EQ(all[5].actor, "owner");
    EXPECT_EQ(all[7].journal, 2U);
    EXPECT_THAT(all[7].cause, HasSubstr("smtp-relay/percent on port 25"));
    EXPECT_EQ(all[7].actor, "owner");
    EXPECT_EQ(all[9].journal, 3U);
    EXPECT_THAT(all[9].cause, HasSubstr("secured: visit "));
    EXPECT_EQ(all[10].actor, "bob");

    // When the report's visit was made tells when the report was: the public sees the day, and nothing else changes.
    const auto open = lines();
    EXPECT_THAT(what(open), ElementsAre("reported", "visited", "proven", "proven", "listed", "asked", "visited",
                                        "closed", "visited", "delisted", "excluded"));
    EXPECT_EQ(open[1].at, std::chrono::floor<std::chrono::days>(all[4].at));
    EXPECT_NE(open[1].at, all[4].at);
    EXPECT_EQ(open[6], all[6]) << "an owner's visit is shown as it was";
    EXPECT_EQ(open[10].actor, "operator");
}

TEST_F(Timeline, TrimmedCasesAreTold) {
    const auto host = prove(1, suspect);
    const auto began = clock.now();
    clock.advance(1h);
    const auto scan =
        visit(suspect, {step("smtp-relay/plain", Verdict::refused)}, finish("Delisted."), ScanKind::rescan);
    clear(scan, host.holes, "verifier");
    clock.advance(24h * 800);
    retention::Rules rules;
    rules.evidence = Duration::zero();
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        retention::Round round;
        while (round.forget(txn, rules, 1000)) {
        }
        return {};
    }));
    ASSERT_TRUE(all_changes().empty());
    const auto all = lines();
    ASSERT_THAT(what(all), testing::IsSupersetOf({"proven", "listed", "delisted"}));
    const auto listed =
        std::find_if(all.begin(), all.end(), [](const LifeLine& line) { return line.what == "listed"; });
    EXPECT_EQ(listed->at, began);
    EXPECT_EQ(listed->journal, 1U);
    EXPECT_EQ(listed->cause, "proven: smtp-relay/plain (case 1, relay in all)");
    EXPECT_EQ(all.back().what, "delisted");
    EXPECT_EQ(all.back().at, began + 1h);
    EXPECT_THAT(all.back().cause, HasSubstr("secured (case 1)"));
}

TEST_F(Timeline, OnlyTheOperatorReadsWhoReportedAndWhoDecided) {
    const auto midnight = clock.now();
    clock.advance(5h);
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        Report report;
        report.host = suspect;
        report.reporter = "alice";
        report.comment = "spam run";
        auto filed = ledger::file_report(txn, report, txn.now);
        if (!filed) return filed.error();
        return {};
    }));
    prove(1, suspect);
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        (void)ledger::exclude(txn, {Prefix::parse("5.6.7.0/24").value(), "asked for", "bob", txn.now, {}});
        return {};
    }));
    // A spammer who knows the second knows which message it was that met a trap.
    const auto open = lines();
    ASSERT_EQ(open.at(0).what, "reported");
    EXPECT_EQ(open[0].at, midnight);
    EXPECT_THAT(open[0].cause, AllOf(Not(HasSubstr("times")), Not(HasSubstr("visit"))));
    const auto text = [](const std::vector<LifeLine>& all) {
        std::string joined;
        for (const auto& line : all) joined += line.actor + "|" + line.cause + "\n";
        return joined;
    };
    EXPECT_THAT(text(lines()), AllOf(Not(HasSubstr("alice")), Not(HasSubstr("spam run")), Not(HasSubstr("bob"))));
    EXPECT_THAT(text(lines(Reader::the_operator)), AllOf(HasSubstr("alice"), HasSubstr("spam run"), HasSubstr("bob")));
}

} // namespace
} // namespace provenbl::tools::api
