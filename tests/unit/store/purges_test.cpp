#include "store/notices.hpp"
#include "store/purges.hpp"
#include "tests/support/store_fixture.hpp"

#include <set>

namespace provenbl {
namespace {

using namespace std::chrono_literals;
using test::ip;

class Purges : public test::StoreFixture {
protected:
    Purge begin(const PurgeFilter& filter) {
        Purge begun;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            const auto made = purges::begin(txn, filter, "the sink was misconfigured", "carol");
            if (!made) return made.error();
            begun = *made;
            return {};
        });
        if (!done) throw std::runtime_error(done.error().message);
        return begun;
    }
    Purge step(std::uint64_t id, std::size_t examine = 5000, std::size_t change = 500) {
        Purge gone_on;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            const auto made = purges::step(txn, id, examine, change);
            if (!made) return made.error();
            gone_on = *made;
            return {};
        });
        if (!done) throw std::runtime_error(done.error().message);
        return gone_on;
    }
    void prove_as(std::uint32_t number, const Address& address, const char* technique) {
        prove(test::mail_probe(number, address, clock.now(), technique), address);
    }
    bool listed(const Address& address) { return listing(address).has_value(); }
};

TEST_F(Purges, TakeTheBatchAndLeaveTheRest) {
    prove_as(1, ip("5.0.0.1"), "smtp-relay/plain");
    prove_as(2, ip("5.0.0.2"), "smtp-relay/plain");
    clock.advance(1h);
    const auto bad_since = clock.now();
    prove_as(3, ip("5.0.0.3"), "smtp-relay/plain");
    prove_as(4, ip("5.0.0.4"), "smtp-relay/percent");
    prove_as(5, ip("2a00::5"), "smtp-relay/plain");
    prove_as(6, ip("5.0.0.2"), "smtp-relay/plain");   // known before, and proven again
    prove_as(7, ip("5.0.0.1"), "smtp-relay/percent"); // one good way, one of the batch
    prove_as(8, ip("5.0.0.8"), "socks5/connect");
    clock.advance(1h);
    prove_as(9, ip("5.0.0.9"), "smtp-relay/plain");

    PurgeFilter filter;
    filter.since = bad_since;
    filter.until = clock.now() - 1min;
    filter.technique = "smtp-relay/";
    const auto done = step(begin(filter).id);
    EXPECT_NE(done.finished, Time{});
    EXPECT_EQ(done.examined, 7U);
    EXPECT_EQ(done.matched, 4U);
    EXPECT_EQ(done.delisted, 3U);
    for (const char* gone : {"5.0.0.3", "5.0.0.4", "2a00::5"}) EXPECT_FALSE(listed(ip(gone))) << gone;
    for (const char* kept : {"5.0.0.1", "5.0.0.2", "5.0.0.8", "5.0.0.9"}) EXPECT_TRUE(listed(ip(kept))) << kept;
    EXPECT_EQ(host(ip("5.0.0.1"))->holes.size(), 1U);
    EXPECT_EQ(host(ip("5.0.0.3"))->queued_scan, 0U) << "no rescans of what is not listed";
}

TEST_F(Purges, GoOnWhereTheyWereInterrupted) {
    for (std::uint32_t i = 1; i <= 30; ++i) prove_as(i, Address::v4(5, 0, 0, static_cast<std::uint8_t>(i)), "a");
    for (std::uint32_t i = 31; i <= 40; ++i) {
        auto bytes = std::array<std::uint8_t, 16>{0x2a, 0};
        bytes[15] = static_cast<std::uint8_t>(i);
        prove_as(i, Address::v6(bytes), "a");
    }
    PurgeFilter filter;
    filter.technique = "a";
    const auto id = begin(filter).id;
    auto seen = step(id, 7, 500);
    EXPECT_EQ(seen.delisted, 7U);
    EXPECT_EQ(seen.finished, Time{});
    reopen();
    seen = step(id, 500, 5);
    EXPECT_EQ(seen.delisted, 12U);
    int steps = 0;
    while (seen.finished == Time{} && ++steps < 100) seen = step(id, 4, 3);
    EXPECT_EQ(seen.delisted, 40U);
    EXPECT_EQ(seen.examined, 40U);
    EXPECT_EQ(store->statistics().listed4 + store->statistics().listed6, 0U);
    EXPECT_EQ(step(id).delisted, 40U) << "done is done";
}

TEST_F(Purges, AreTold) {
    prove(1, ip("5.0.0.1"));
    PurgeFilter filter;
    filter.everywhere = false;
    filter.prefix = Prefix::parse("5.0.0.0/8").value();
    const auto purge = step(begin(filter).id);
    const auto notices = store->read([](const ReadTxn& txn) { return notices::newest(txn, 10); });
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices[0].text, "the sink was misconfigured");
    EXPECT_EQ(notices[0].delisted, 1U);
    EXPECT_EQ(notices[0].purge_id, purge.id);
    const auto change = all_changes().back();
    EXPECT_EQ(change.reason, ChangeReason::purged);
    EXPECT_EQ(change.note, "purge 1: the sink was misconfigured");
    EXPECT_EQ(change.by, "carol");
    EXPECT_TRUE(change.after.empty());
}

TEST_F(Purges, WhatWasOurFaultIsNoFlip) {
    prove(1, ip("5.0.0.1"));
    PurgeFilter filter;
    filter.technique = "smtp-relay/plain";
    step(begin(filter).id);
    clock.advance(1h);
    prove(2, ip("5.0.0.1"));
    EXPECT_EQ(host(ip("5.0.0.1"))->relistings, 0U);
}

TEST_F(Purges, APreviewTellsTheSameAndChangesNothing) {
    for (std::uint32_t i = 1; i <= 10; ++i)
        prove_as(i, Address::v4(5, 0, 0, static_cast<std::uint8_t>(i)), i % 2 == 0 ? "a" : "b");
    PurgeFilter filter;
    filter.technique = "a";
    std::set<Address> told;
    std::string cursor;
    do {
        const auto seen = store->read([&](const ReadTxn& txn) { return purges::preview(txn, filter, cursor, 3); });
        told.insert(seen.matched.begin(), seen.matched.end());
        cursor = seen.cursor;
    } while (!cursor.empty());
    EXPECT_EQ(told.size(), 5U);
    EXPECT_EQ(store->statistics().listed4, 10U);
    EXPECT_EQ(step(begin(filter).id).delisted, 5U);
    for (const auto& address : told) EXPECT_FALSE(listed(address));
}

TEST_F(Purges, OnlyWhatTheReporterNamed) {
    Report report;
    report.host = ip("5.0.0.1");
    report.reporter = "alice";
    report.reporter_id = 7;
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        const auto filed = ledger::file_report(txn, report, txn.now);
        return filed ? Result<>{} : Result<>{filed.error()};
    }));
    prove(1, ip("5.0.0.1"));
    prove(2, ip("5.0.0.2"));
    PurgeFilter filter;
    filter.reporter = "alice";
    EXPECT_EQ(step(begin(filter).id).delisted, 1U);
    EXPECT_TRUE(listed(ip("5.0.0.2")));
}

TEST_F(Purges, NeverEverythingBySlip) {
    PurgeFilter filter;
    EXPECT_FALSE(purges::check(filter));
    filter.until = clock.now();
    EXPECT_FALSE(purges::check(filter)) << "all until now is all";
    filter.since = clock.now() + 1h;
    EXPECT_FALSE(purges::check(filter)) << "ends before it begins";
    filter.until = {};
    EXPECT_TRUE(purges::check(filter));
    EXPECT_FALSE(store->write([&](WriteTxn& txn) -> Result<> {
        const auto made = purges::begin(txn, filter, "", "carol");
        return made ? Result<>{} : Result<>{made.error()};
    })) << "without a note";
}

} // namespace
} // namespace provenbl
