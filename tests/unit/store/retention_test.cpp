#include "store/audit.hpp"
#include "store/check.hpp"
#include "store/retention.hpp"
#include "store/tables.hpp"
#include "tests/support/store_fixture.hpp"

namespace provenbl {
namespace {

using namespace std::chrono_literals;
using test::ip;

constexpr auto day = 24h;

class Retention : public test::StoreFixture {
protected:
    // Goes through all, in pieces of `at_once`.
    retention::Counts forget(std::size_t at_once = 3) {
        retention::Round round;
        for (bool more = true; more;) {
            auto next = round;
            const auto done = store->write([&](WriteTxn& txn) -> Result<> {
                next = round;
                more = next.forget(txn, rules, at_once);
                return {};
            });
            if (!done) throw std::runtime_error(done.error().message);
            round = next;
        }
        return round.counts();
    }
    retention::Counts count() {
        retention::Round round;
        while (store->read([&](const ReadTxn& txn) { return round.count(txn, rules, clock.now(), 2); })) {
        }
        return round.counts();
    }
    void secure(const Address& address) {
        const auto scan = visit(address, {{clock.now(), "smtp-relay/plain", address, 25, Verdict::refused, "no"}});
        const auto cleared = store->write([&](WriteTxn& txn) -> Result<> {
            const auto holes = hosts::find(txn, address)->holes;
            const auto clearance = Clearance::from_scan(scan, holes, ChangeReason::secured);
            if (!clearance) return clearance.error();
            auto host = ledger::clear(txn, *clearance, "owner");
            if (!host) return host.error();
            return {};
        });
        ASSERT_TRUE(cleared) << cleared.error().message;
    }
    std::size_t evidence_of(const Address& address, std::uint64_t case_id) {
        return store->read([&](const ReadTxn& txn) { return hosts::evidence(txn, address, case_id).size(); });
    }
    std::uint64_t findings() { return check::run(*store, {}, clock.now()).value().findings; }

    const Address a = ip("5.6.7.8");
    const Address b = ip("5.6.7.9");
    const Address c = ip("2a00::1");
    retention::Rules rules;
};

TEST_F(Retention, EvidenceGoesItsTimeAfterTheDelisting) {
    const auto listed = prove(1, a);
    prove(2, b);
    clock.advance(200 * day);
    EXPECT_EQ(forget().evidence, 0U); // both are listed still
    secure(a);
    clock.advance(89 * day);
    EXPECT_EQ(forget().evidence, 0U);
    clock.advance(1 * day);
    EXPECT_EQ(count().evidence, 1U);
    EXPECT_EQ(evidence_of(a, listed.case_id), 1U); // counting forgets nothing
    EXPECT_EQ(forget().evidence, 1U);
    EXPECT_EQ(evidence_of(a, listed.case_id), 0U);
    EXPECT_EQ(evidence_of(b, host(b)->case_id), 1U);
    EXPECT_EQ(findings(), 0U);
}

TEST_F(Retention, AnEarlierCasesEvidenceGoesThoughTheHostIsListedAgain) {
    const auto first = prove(1, a).case_id;
    secure(a);
    clock.advance(10 * day);
    const auto second = prove(2, a).case_id;
    ASSERT_NE(first, second);
    clock.advance(91 * day);
    EXPECT_EQ(forget().evidence, 1U);
    EXPECT_EQ(evidence_of(a, first), 0U);
    EXPECT_EQ(evidence_of(a, second), 1U);
    EXPECT_EQ(findings(), 0U);
}

TEST_F(Retention, VisitsGoWhenTheyHaveEndedLongAgo) {
    visit(a, {});
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        (void)ledger::request_scan(txn, b, ScanKind::report, clock.now(), {});
        return {};
    }));
    clock.advance(91 * day);
    EXPECT_EQ(forget().scans, 1U);
    EXPECT_EQ(findings(), 0U); // the one that waits is there
}

TEST_F(Retention, ReportsGoOnceTheyAreAnswered) {
    Report report;
    report.host = a;
    report.reporter = "somebody";
    report.comment = "spam run";
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        auto filed = ledger::file_report(txn, report, clock.now());
        if (!filed) return filed.error();
        return {};
    }));
    clock.advance(31 * day);
    EXPECT_EQ(forget().reports, 0U); // its visit is still to come
    visit(a, {});
    EXPECT_EQ(forget().reports, 1U);
}

TEST_F(Retention, OfTheJournalTheAuditLineStays) {
    prove(1, a);
    const auto listed_at = clock.now();
    prove(2, b);
    clock.advance(1 * day);
    secure(a);
    const auto ended_at = clock.now();
    clock.advance(730 * day);
    prove(3, ip("7.7.7.7"));
    EXPECT_EQ(count().journal, 3U);
    const auto index = [&] {
        std::vector<std::pair<Address, Listing>> all;
        store->read([&](const ReadTxn& txn) {
            hosts::walk_listed(txn, [&](const Address& address, const Listing& listing) {
                all.emplace_back(address, listing);
                return true;
            });
        });
        return all;
    };
    const auto before = index();
    EXPECT_EQ(forget(1).journal, 3U);
    EXPECT_EQ(index(), before);
    const auto lines = store->read([&](const ReadTxn& txn) { return audit::of(txn, a); });
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].listed, listed_at);
    EXPECT_EQ(lines[0].why, "smtp-relay/plain");
    EXPECT_EQ(lines[0].classes, ClassSet{ListingClass::relay});
    EXPECT_EQ(lines[0].ended, ended_at);
    EXPECT_EQ(lines[0].closed, ChangeReason::secured);
    EXPECT_TRUE(lines[0].in_force.empty());
    // b is listed still, and its listing is explained by the audit line alone.
    EXPECT_EQ(store->read([&](const ReadTxn& txn) { return audit::of(txn, b); }).at(0).in_force,
              ClassSet{ListingClass::relay});
    store->read([&](const ReadTxn& txn) {
        EXPECT_EQ(journal::floor(txn), 3U);
        EXPECT_EQ(journal::last(txn), 4U);
    });
    EXPECT_EQ(findings(), 0U);
    clock.advance(731 * day);
    EXPECT_EQ(forget().journal, 1U);
    store->read([&](const ReadTxn& txn) { EXPECT_EQ(journal::last(txn), 4U); }); // an empty journal keeps its serial
    prove(4, ip("7.7.7.8"));
    EXPECT_EQ(all_changes().at(0).sequence, 5U);
    EXPECT_EQ(findings(), 0U);
    secure(b); // closes what began before the journal does
    EXPECT_EQ(findings(), 0U);
}

TEST_F(Retention, AHostThatIsNotListedIsForgottenOnceNothingOfItIsLeft) {
    prove(1, a);
    secure(a);
    visit(b, {}); // found closed
    prove(2, c);
    const auto changes = all_changes();
    clock.advance(89 * day);
    EXPECT_EQ(forget().hosts, 0U);
    clock.advance(1 * day);
    EXPECT_EQ(count().hosts, 0U) << "counting forgets nothing, so there is something of each";
    const auto forgotten = forget();
    EXPECT_EQ(forgotten.evidence, 1U);
    EXPECT_EQ(forgotten.scans, 2U);
    EXPECT_EQ(forgotten.hosts, 2U);
    EXPECT_FALSE(host(a));
    EXPECT_FALSE(host(b));
    EXPECT_TRUE(host(c)) << "listed";
    EXPECT_EQ(all_changes(), changes) << "the journal has a rule of its own";
    EXPECT_EQ(store->read([&](const ReadTxn& txn) { return journal::of(txn, a, 10); }).size(), 2U);
    EXPECT_EQ(findings(), 0U);
    // It may come back, as one that was never seen.
    const auto again = prove(3, a);
    EXPECT_EQ(again.relistings, 0U);
    EXPECT_EQ(findings(), 0U);
}

TEST_F(Retention, WhatWaitsKeepsItsHost) {
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        Report report;
        report.host = a;
        if (auto filed = ledger::file_report(txn, report, txn.now); !filed) return filed.error();
        (void)ledger::request_scan(txn, b, ScanKind::owner, txn.now, {});
        auto started = ledger::start_scan(txn, b);
        if (!started) return started.error();
        return {};
    }));
    clock.advance(1000 * day);
    EXPECT_EQ(forget().hosts, 0U);
    EXPECT_TRUE(host(a));
    EXPECT_TRUE(host(b));
    EXPECT_EQ(findings(), 0U);
}

TEST_F(Retention, AHostStaysAsLongAsSomethingOfItIsKept) {
    rules.scans = Duration::zero();
    visit(a, {});
    clock.advance(1000 * day);
    EXPECT_EQ(forget().hosts, 0U);
    rules.scans = 1 * day;
    rules.hosts = Duration::zero();
    EXPECT_EQ(forget().hosts, 0U) << "for ever";
    rules.hosts = 1 * day;
    EXPECT_EQ(forget().hosts, 1U);
}

// A visit that an exclusion has dropped leaves a host that nothing ever happened to.
TEST_F(Retention, AHostThatWasNeverVisitedIsForgottenToo) {
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        (void)ledger::request_scan(txn, a, ScanKind::owner, txn.now, {});
        auto excluded = ledger::exclude(txn, {Prefix::of(a, 32), "asked", "bob", txn.now, {}});
        if (!excluded) return excluded.error();
        return {};
    }));
    EXPECT_EQ(forget().hosts, 0U);
    clock.advance(90 * day);
    EXPECT_EQ(forget().hosts, 1U);
    EXPECT_EQ(findings(), 0U);
}

TEST_F(Retention, ZeroKeepsForEver) {
    rules = {Duration::zero(), Duration::zero(), Duration::zero(), Duration::zero(), Duration::zero()};
    prove(1, a);
    secure(a);
    clock.advance(10000 * day);
    EXPECT_EQ(forget().all(), 0U);
}

} // namespace
} // namespace provenbl
