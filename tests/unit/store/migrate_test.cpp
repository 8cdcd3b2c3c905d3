#include "store/audit.hpp"
#include "store/backup.hpp"
#include "store/check.hpp"
#include "store/migrate.hpp"
#include "tests/support/store_fixture.hpp"

#include <gmock/gmock.h>

namespace provenbl {
namespace {

using test::ip;

class Migrate : public test::StoreFixture {
protected:
    // As a program of schema 1 has left it: without the tables that came later.
    void make_schema_1(const Store::Work& more = [](WriteTxn&) { return Result<>(); }) {
        prove(1, ip("5.6.7.8"));
        // By itself: it may need a second try with a larger map, and what is dropped below can be dropped but once.
        ASSERT_TRUE(store->write(more));
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            Report report;
            report.host = ip("7.7.7.7");
            if (auto filed = ledger::file_report(txn, report, txn.now); !filed) return filed.error();
            EXPECT_EQ(mdb_drop(txn.txn.handle(), txn.tables.host_reports, 1), MDB_SUCCESS);
            EXPECT_EQ(mdb_drop(txn.txn.handle(), txn.tables.audit, 1), MDB_SUCCESS);
            txn.txn.put(txn.tables.meta, "schema", keys::number(1));
            return {};
        });
        ASSERT_TRUE(done);
        store.reset();
    }
    std::uint64_t schema() {
        return store->read([](const ReadTxn& txn) { return keys::to_number(*txn.txn.get(txn.tables.meta, "schema")); });
    }
    void expect_whole() {
        EXPECT_TRUE(listing(ip("5.6.7.8")));
        EXPECT_EQ(all_changes().size(), 1U);
        EXPECT_TRUE(store->read([](const ReadTxn& txn) { return audit::of(txn, ip("5.6.7.8")); }).empty());
        EXPECT_EQ(check::run(*store, {}, clock.now()).value().findings, 0U);
    }
};

TEST_F(Migrate, AWriterBringsSchema1UpToDate) {
    make_schema_1();
    reopen();
    EXPECT_EQ(schema(), schema_version);
    expect_whole();
    prove(2, ip("5.6.7.9"));
    reopen();
    EXPECT_EQ(all_changes().size(), 2U);
}

// What a migration writes has to find room: the map grows for it as for any commit.
TEST_F(Migrate, GrowsTheMapWhereItIsFull) {
    map_size = std::size_t{64} << 10U;
    reopen();
    make_schema_1([](WriteTxn& txn) -> Result<> {
        Report report;
        for (std::uint64_t id = 100; id < 20'000; ++id) {
            report.id = id;
            report.host = Address::v4(static_cast<std::uint32_t>(0x05000000U + id));
            put_record(txn, txn.tables.reports, keys::number(id), report);
        }
        txn.txn.put(txn.tables.meta, "reports", keys::number(20'000));
        return {};
    });
    const auto size = std::filesystem::file_size(directory.path() / "data.mdb");
    map_size = size; // as full as it can be
    reopen();
    EXPECT_EQ(schema(), schema_version);
    EXPECT_GT(store->statistics().map_size, size);
    expect_whole();
}

TEST_F(Migrate, AReaderTakesSchema1AsItIs) {
    make_schema_1();
    store = Store::open({directory.path(), true, map_size}, clock).value();
    EXPECT_EQ(schema(), 1U);
    expect_whole();
    const auto copy = backup::make(*store, directory.path() / "copy", clock);
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_EQ(copy->manifest.schema, 1U);
    EXPECT_TRUE(backup::verify(directory.path() / "copy"));
}

TEST_F(Migrate, ASchemaThatNeverWasIsDamage) {
    ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
        txn.txn.put(txn.tables.meta, "schema", keys::number(0));
        return {};
    }));
    store.reset();
    for (const bool read_only : {true, false}) {
        const auto opened = Store::open({directory.path(), read_only, map_size}, clock);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, Errc::corrupt);
    }
}

} // namespace
} // namespace provenbl
