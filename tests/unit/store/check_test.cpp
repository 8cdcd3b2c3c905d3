#include "store/access_keys.hpp"
#include "store/check.hpp"
#include "store/derived_keys.hpp"
#include "store/mirrors.hpp"
#include "store/notices.hpp"
#include "store/purges.hpp"
#include "store/reporters.hpp"
#include "store/tables.hpp"
#include "tests/support/store_fixture.hpp"

#include <gmock/gmock.h>

namespace provenbl {
namespace {

using namespace std::chrono_literals;
using test::ip;
using test::mail_probe;
using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

class Check : public test::StoreFixture {
protected:
    // A store in which every table holds something: two hosts listed, one delisted, one running, one report.
    Check() {
        prove(1, a);
        prove(2, b);
        prove(mail_probe(3, ip("2001:db8::7"), clock.now()), ip("2001:db8::7"));
        visit(b, {{clock.now(), "smtp-relay/plain", b, 25, Verdict::refused, "no"}});
        write([&](WriteTxn& txn) -> Result<> {
            auto report = ledger::file_report(txn, report_of(ip("7.7.7.7")), clock.now());
            if (!report) return report.error();
            (void)ledger::request_scan(txn, ip("8.8.8.8"), ScanKind::owner, clock.now(), {});
            auto started = ledger::start_scan(txn, ip("8.8.8.8"));
            if (!started) return started.error();
            return tokens::issue(txn, mail_probe(9, a, clock.now()));
        });
    }

    static Report report_of(const Address& host) {
        Report report;
        report.host = host;
        report.reporter = "operator";
        return report;
    }

    void write(const Store::Work& work) {
        const auto done = store->write(work);
        ASSERT_TRUE(done) << done.error().message;
    }
    void put(MDB_dbi Tables::*table, const std::string& key, const std::string& value) {
        write([&](WriteTxn& txn) -> Result<> {
            txn.txn.put(txn.tables.*table, key, value);
            return {};
        });
    }
    void erase(MDB_dbi Tables::*table, const std::string& key) {
        write([&](WriteTxn& txn) -> Result<> {
            EXPECT_TRUE(txn.txn.erase(txn.tables.*table, key));
            return {};
        });
    }
    void clear(MDB_dbi Tables::*table) {
        write([&](WriteTxn& txn) -> Result<> {
            std::vector<std::string> keys;
            txn.txn.walk(txn.tables.*table, {}, [&](lmdb::Bytes key, lmdb::Bytes) {
                keys.emplace_back(key);
                return true;
            });
            for (const auto& key : keys) txn.txn.erase(txn.tables.*table, key);
            return {};
        });
    }
    std::string dump(MDB_dbi Tables::*table) {
        return store->read([&](const ReadTxn& txn) {
            std::string all;
            txn.txn.walk(txn.tables.*table, {}, [&](lmdb::Bytes key, lmdb::Bytes value) {
                all.append(key).append("=").append(value).append("\n");
                return true;
            });
            return all;
        });
    }

    check::Summary run(bool repair = false) {
        found.clear();
        check::Options options;
        options.repair = repair;
        options.finding = [&](const check::Finding& finding) {
            found.push_back(finding.table + " " + finding.key + ": " + finding.what);
        };
        return check::run(*store, options, clock.now()).value();
    }
    // What is broken is found, repaired, and the table is byte for byte as it was.
    void expect_repaired(MDB_dbi Tables::*table, const std::string& before) {
        const auto seen = run();
        EXPECT_GT(seen.findings, 0U);
        EXPECT_EQ(seen.findings, seen.repairable) << testing::PrintToString(found);
        EXPECT_EQ(seen.repaired, 0U);
        EXPECT_NE(dump(table), before); // looking repairs nothing
        const auto done = run(true);
        EXPECT_EQ(done.repaired, done.findings);
        EXPECT_EQ(dump(table), before);
        EXPECT_EQ(run().findings, 0U) << testing::PrintToString(found);
    }

    const Address a = ip("5.6.7.8");
    const Address b = ip("5.6.7.9");
    std::vector<std::string> found;
};

TEST_F(Check, AGoodStoreHasNoFindings) {
    const auto summary = run();
    EXPECT_EQ(summary.findings, 0U) << testing::PrintToString(found);
    EXPECT_GT(summary.records, 20U);
    EXPECT_EQ(summary.serial, 3U);
}

TEST_F(Check, AListingThatNothingExplainsIsFoundAndTakenOut) {
    const auto before = dump(&Tables::listed4);
    put(&Tables::listed4, keys::bare(ip("1.2.3.4")), codec::encode(Listing{{ListingClass::relay}, 1, 1}));
    (void)run();
    EXPECT_THAT(found, Contains("listed4 1.2.3.4: nothing explains this listing"));
    expect_repaired(&Tables::listed4, before);
}

TEST_F(Check, ALostListingIsMadeAgain) {
    const auto before = dump(&Tables::listed4);
    const auto serial = run().serial;
    erase(&Tables::listed4, keys::bare(a));
    (void)run();
    EXPECT_THAT(found, Contains(StartsWith("listed4 5.6.7.8: says nothing, the host is listed for relay")));
    expect_repaired(&Tables::listed4, before);
    // Whoever followed the journal has to begin anew.
    EXPECT_EQ(run().serial, serial + 1);
    EXPECT_EQ(store->read([](const ReadTxn& txn) { return journal::floor(txn); }), serial + 1);
}

TEST_F(Check, AnAlteredListingIsMadeAgain) {
    const auto before = dump(&Tables::listed6);
    put(&Tables::listed6, keys::bare(ip("2001:db8::7")), codec::encode(Listing{{ListingClass::web}, 1, 1}));
    expect_repaired(&Tables::listed6, before);
    const auto before4 = dump(&Tables::listed4);
    put(&Tables::listed4, keys::bare(a), "junk");
    expect_repaired(&Tables::listed4, before4);
}

TEST_F(Check, WhereHostAndJournalDisagreeNeitherIsBelieved) {
    // A host that says it is listed, without a line of the journal: a repair must not list it.
    auto host = this->host(b).value();
    host.address = ip("9.9.9.9");
    host.queued_scan = host.running_scan = 0;
    put(&Tables::hosts, keys::address(host.address), codec::encode(host));
    const auto summary = run(true);
    EXPECT_GT(summary.findings, summary.repairable);
    EXPECT_THAT(found, Contains(HasSubstr("but the journal says: not listed")));
    EXPECT_THAT(found, Contains(HasSubstr("listed without its evidence")));
    EXPECT_FALSE(listing(ip("9.9.9.9")));
}

TEST_F(Check, LostEvidenceIsFoundAndNeverMade) {
    clear(&Tables::evidence);
    const auto summary = run(true);
    EXPECT_EQ(summary.findings, 3U);
    EXPECT_EQ(summary.repairable, 0U);
    EXPECT_THAT(found, Contains("hosts 5.6.7.8: smtp-relay/plain on port 25 is listed without its evidence (case 1, "
                                "ordinal 0)"));
}

TEST_F(Check, QueuesAreMadeAgain) {
    const auto due = dump(&Tables::due);
    clear(&Tables::due);
    expect_repaired(&Tables::due, due);
    put(&Tables::due, due_key(ScanKind::owner, clock.now(), ip("3.3.3.3")), "");
    expect_repaired(&Tables::due, due);
    const auto running = dump(&Tables::running);
    clear(&Tables::running);
    expect_repaired(&Tables::running, running);
    put(&Tables::running, keys::address(a), keys::number(77));
    expect_repaired(&Tables::running, running);
}

TEST_F(Check, ExpiriesAreMadeAgain) {
    const auto before = dump(&Tables::token_expiry);
    clear(&Tables::token_expiry);
    expect_repaired(&Tables::token_expiry, before);
    put(&Tables::token_expiry, keys::number(5) + std::string(16, 'x'), "");
    expect_repaired(&Tables::token_expiry, before);
}

TEST_F(Check, ReportsOfAHostAreMadeAgain) {
    const auto before = dump(&Tables::host_reports);
    clear(&Tables::host_reports);
    expect_repaired(&Tables::host_reports, before);
    put(&Tables::host_reports, keys::address(a) + keys::number(77), "");
    expect_repaired(&Tables::host_reports, before);
}

TEST_F(Check, HostsOfTheJournalAreMadeAgain) {
    const auto before = dump(&Tables::journal_hosts);
    clear(&Tables::journal_hosts);
    expect_repaired(&Tables::journal_hosts, before);
    put(&Tables::journal_hosts, keys::address(ip("3.3.3.3")) + keys::number(1), "");
    expect_repaired(&Tables::journal_hosts, before);
    // One wrong for one right: the count alone would not tell.
    erase(&Tables::journal_hosts, keys::address(a) + keys::number(1));
    put(&Tables::journal_hosts, keys::address(a) + keys::number(2), "");
    expect_repaired(&Tables::journal_hosts, before);
}

TEST_F(Check, EndsOfListingsByHandAreMadeAgain) {
    write([&](WriteTxn& txn) -> Result<> {
        for (const auto cls : {ListingClass::relay, ListingClass::web}) { // one row for both
            auto listed = ledger::list_manually(txn, a, {cls, "spam", "bob", {}, clock.now() + 24h});
            if (!listed) return listed.error();
        }
        return {};
    });
    EXPECT_EQ(run().findings, 0U) << testing::PrintToString(found);
    const auto before = dump(&Tables::manual);
    clear(&Tables::manual);
    expect_repaired(&Tables::manual, before);
    put(&Tables::manual, keys::number(5) + keys::address(a), "");
    expect_repaired(&Tables::manual, before);
}

TEST_F(Check, KeysOfReportersAreMadeAgain) {
    write([&](WriteTxn& txn) -> Result<> {
        for (const char* const name : {"alice", "bob", "carol"}) {
            Reporter reporter;
            reporter.name = name;
            reporter.key_hash = std::string(32, name[0]);
            auto added = reporters::add(txn, reporter);
            if (!added) return added.error();
        }
        auto gone = reporters::revoke(txn, "carol");
        if (!gone) return gone.error();
        return {};
    });
    EXPECT_EQ(run().findings, 0U) << testing::PrintToString(found);
    const auto before = dump(&Tables::reporter_keys);
    clear(&Tables::reporter_keys);
    expect_repaired(&Tables::reporter_keys, before);
    put(&Tables::reporter_keys, std::string(32, 'c'), keys::number(4)); // revoked
    expect_repaired(&Tables::reporter_keys, before);
    put(&Tables::reporter_keys, std::string(32, 'a'), keys::number(3)); // alice's key leads to bob
    expect_repaired(&Tables::reporter_keys, before);
}

TEST_F(Check, RecordsWithANumberAndTheirCountersAreLookedAt) {
    write([&](WriteTxn& txn) -> Result<> {
        auto closed = notices::shut_down(txn, "moving", "bob");
        if (!closed) return closed.error();
        PurgeFilter filter;
        filter.actor = "bob";
        auto purge = purges::begin(txn, filter, "a bad day", "bob");
        if (!purge) return purge.error();
        AccessKey key;
        key.name = "mirror";
        auto added = access_keys::add(txn, key);
        if (!added) return added.error();
        Mirror secondary;
        secondary.name = "ns2";
        secondary.key_name = "ns2.mirror.bl.example";
        secondary.secret = std::string(32, 's');
        auto mirror = mirrors::add(txn, secondary);
        if (!mirror) return mirror.error();
        Reporter reporter;
        reporter.name = "alice";
        reporter.key_hash = std::string(32, 'a');
        auto reports = reporters::add(txn, reporter);
        if (!reports) return reports.error();
        return {};
    });
    EXPECT_EQ(run().findings, 0U) << testing::PrintToString(found);
    for (const char* const counter : {"notices", "purges", "access_keys_id", "mirrors_id", "reporters"})
        put(&Tables::meta, counter, keys::number(0));
    const auto summary = run(true);
    EXPECT_EQ(summary.repaired, 5U) << testing::PrintToString(found);
    EXPECT_EQ(run().findings, 0U);
    put(&Tables::notices, keys::number(1), "\7");
    auto purge = dump(&Tables::purges).substr(9);
    purge.pop_back();
    put(&Tables::purges, keys::number(9), purge);
    (void)run();
    EXPECT_THAT(found, Contains(StartsWith("notices 1: ")));
    EXPECT_THAT(found, Contains("purges 9: holds another's record"));
}

TEST_F(Check, ARepairThatWasInterruptedIsFinishedByTheNext) {
    const auto before = dump(&Tables::journal_hosts);
    clear(&Tables::journal_hosts);
    // As a repair that had written its first transaction has left it.
    put(&Tables::journal_hosts, keys::address(a) + keys::number(1), "");
    check::Options options;
    options.repair = true;
    options.repairs_at_once = 1;
    EXPECT_EQ(check::run(*store, options, clock.now()).value().repaired, 2U);
    EXPECT_EQ(dump(&Tables::journal_hosts), before);
    EXPECT_EQ(run().findings, 0U);
}

TEST_F(Check, AGapInTheJournalIsFound) {
    erase(&Tables::journal, keys::number(2));
    (void)run();
    EXPECT_THAT(found, Contains(HasSubstr("journal 3: ")));
}

TEST_F(Check, CountersBehindTheirRecordsAreRaised) {
    put(&Tables::meta, "scans", keys::number(1));
    put(&Tables::meta, "reports", keys::number(0));
    const auto summary = run(true);
    EXPECT_EQ(summary.repaired, 2U) << testing::PrintToString(found);
    EXPECT_EQ(run().findings, 0U);
}

TEST_F(Check, ARecordThatCantBeReadIsFoundWithItsKey) {
    put(&Tables::evidence, keys::address(a) + keys::number(1) + keys::number(0), "\1\1\377");
    put(&Tables::hosts, keys::address(ip("4.4.4.4")), "");
    put(&Tables::reports, keys::number(1), "\7");
    put(&Tables::journal_hosts, "short", "");
    (void)run();
    EXPECT_THAT(found, Contains(StartsWith("evidence 5.6.7.8 1 0: ")));
    EXPECT_THAT(found, Contains(StartsWith("hosts 4.4.4.4: a stored record is empty")));
    EXPECT_THAT(found, Contains(StartsWith("reports 1: ")));
    EXPECT_THAT(found, Contains(StartsWith("journal_hosts ")));
}

TEST_F(Check, AnExcludedHostThatIsListedIsFound) {
    Exclusion exclusion;
    exclusion.prefix = Prefix::parse("5.6.7.0/24").value();
    exclusion.reason = "asked";
    exclusion.until = clock.now() + 1h;
    put(&Tables::exclusions, keys::address(exclusion.prefix.base()) + '\x18', codec::encode(exclusion));
    (void)run();
    EXPECT_THAT(found, Contains("exclusions 5.6.7.0/24: 5.6.7.8 is listed all the same"));
    clock.advance(2h); // it has ended: listing is lawful again
    EXPECT_EQ(run().findings, 0U);
}

TEST_F(Check, AStoreThatIsReadOnlyCanBeChecked) {
    store.reset();
    store = Store::open({directory.path(), true, map_size}, clock).value();
    EXPECT_EQ(run().findings, 0U);
}

} // namespace
} // namespace provenbl
