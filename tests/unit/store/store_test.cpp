#include "store/lock_file.hpp"
#include "store/migrate.hpp"
#include "store/store.hpp"
#include "store/tables.hpp"
#include "tests/support/store_fixture.hpp"

#include <atomic>
#include <fstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace provenbl {
namespace {

using test::ip;

class StoreTest : public test::StoreFixture {};

Result<> put_meta(WriteTxn& txn, const std::string& key, const std::string& value) {
    txn.txn.put(txn.tables.meta, key, value);
    return {};
}

std::optional<std::string> get_meta(Store& store, const std::string& key) {
    return store.read([&](const ReadTxn& txn) -> std::optional<std::string> {
        const auto value = txn.txn.get(txn.tables.meta, key);
        if (!value) return std::nullopt;
        return std::string(*value);
    });
}

TEST_F(StoreTest, WritesAreThereAfterReopening) {
    ASSERT_TRUE(store->write([](WriteTxn& txn) { return put_meta(txn, "a", "1"); }));
    reopen();
    EXPECT_EQ(get_meta(*store, "a"), "1");
}

TEST_F(StoreTest, AFailedPieceLeavesNoTraceAndDisturbsNoOther) {
    std::atomic<int> done{0};
    std::atomic<int> failed{0};
    const auto count = [&](const Result<>& result) { ++(result ? done : failed); };
    for (int i = 0; i < 200; ++i) {
        const bool bad = i % 3 == 0;
        store->submit(
            [i, bad](WriteTxn& txn) -> Result<> {
                (void)put_meta(txn, "k" + std::to_string(i), "v");
                if (bad) return Error{Errc::conflict, "no"};
                return {};
            },
            count);
    }
    ASSERT_TRUE(store->write([](WriteTxn&) -> Result<> { return {}; }));
    EXPECT_EQ(done, 133);
    EXPECT_EQ(failed, 67);
    for (int i = 0; i < 200; ++i) EXPECT_EQ(get_meta(*store, "k" + std::to_string(i)).has_value(), i % 3 != 0) << i;
}

TEST_F(StoreTest, APieceThatThrowsFailsAlone) {
    const auto result = store->write([](WriteTxn& txn) -> Result<> {
        (void)put_meta(txn, "x", "1");
        throw codec::CorruptRecord("damaged");
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::corrupt);
    EXPECT_FALSE(get_meta(*store, "x"));
    EXPECT_TRUE(store->write([](WriteTxn& txn) { return put_meta(txn, "y", "1"); }));
}

TEST_F(StoreTest, TheMapGrowsByItself) {
    const auto before = store->statistics().map_size;
    const std::string large(64 * 1024, 'x');
    for (int i = 0; i < 64; ++i)
        ASSERT_TRUE(store->write([&](WriteTxn& txn) { return put_meta(txn, "large" + std::to_string(i), large); }))
            << i;
    EXPECT_GT(store->statistics().map_size, before);
    EXPECT_EQ(get_meta(*store, "large63"), large);
    reopen(); // opened with the small size again
    EXPECT_EQ(get_meta(*store, "large0"), large);
    ASSERT_TRUE(store->write([&](WriteTxn& txn) { return put_meta(txn, "more", large); }));
}

TEST_F(StoreTest, CommitsAreGrouped) {
    std::atomic<bool> hold{true};
    store->submit(
        [&](WriteTxn&) -> Result<> {
            while (hold) std::this_thread::yield();
            return {};
        },
        [](const Result<>&) {});
    for (int i = 0; i < 500; ++i)
        store->submit([i](WriteTxn& txn) { return put_meta(txn, std::to_string(i), "v"); }, [](const Result<>&) {});
    hold = false;
    ASSERT_TRUE(store->write([](WriteTxn&) -> Result<> { return {}; }));
    const auto statistics = store->statistics();
    EXPECT_GE(statistics.pieces, 502U);
    EXPECT_LE(statistics.commits, 4U);
}

TEST_F(StoreTest, AFullQueueRefusesVisibly) {
    store.reset();
    auto small = Store::open({directory.path(), false, map_size, 2}, clock).value();
    std::atomic<bool> hold{true};
    std::atomic<bool> held{false};
    small->submit(
        [&](WriteTxn&) -> Result<> {
            held = true;
            while (hold) std::this_thread::yield();
            return {};
        },
        [](const Result<>&) {});
    while (!held) std::this_thread::yield();
    int refused = 0;
    for (int i = 0; i < 5; ++i)
        small->submit([](WriteTxn&) -> Result<> { return {}; },
                      [&](const Result<>& result) { refused += !result && result.error().code == Errc::busy ? 1 : 0; });
    EXPECT_EQ(refused, 3);
    hold = false;
}

TEST_F(StoreTest, WaitForChangeSeesACommit) {
    const auto seen = store->version();
    EXPECT_EQ(store->wait_for_change(seen, Duration{1}), seen);
    store->submit([](WriteTxn& txn) { return put_meta(txn, "a", "1"); }, {});
    EXPECT_NE(store->wait_for_change(seen, std::chrono::minutes(1)), seen);
}

TEST_F(StoreTest, ASecondProcessOfARoleIsTold) {
    auto first = LockFile::take(directory.path(), "verifier");
    ASSERT_TRUE(first);
    EXPECT_TRUE(LockFile::held(directory.path(), "verifier"));
    EXPECT_FALSE(LockFile::held(directory.path(), "dns"));
    store.reset();
    const auto second = Store::open({directory.path(), false, map_size}, clock, "verifier");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::conflict);
    EXPECT_NE(second.error().message.find(std::to_string(getpid())), std::string::npos);
    *first = LockFile();
    EXPECT_TRUE(Store::open({directory.path(), false, map_size}, clock, "verifier"));
}

TEST_F(StoreTest, ANewerSchemaIsRefusedWithAClearMessage) {
    ASSERT_TRUE(store->write([](WriteTxn& txn) { return put_meta(txn, "schema", keys::number(schema_version + 1)); }));
    store.reset();
    const auto opened = Store::open({directory.path(), false, map_size}, clock);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::newer_version);
    EXPECT_NE(opened.error().message.find("newer provenbl"), std::string::npos);
}

TEST(StoreOpening, UnusableDirectoriesAreExplained) {
    const SystemClock clock;
    const test::TemporaryDirectory directory;
    const auto file = directory.path() / "file";
    std::ofstream(file) << "x";
    const auto not_a_directory = Store::open({file}, clock);
    ASSERT_FALSE(not_a_directory);
    EXPECT_NE(not_a_directory.error().message.find(file.string()), std::string::npos);

    const auto empty = Store::open({directory.path(), true}, clock);
    EXPECT_FALSE(empty); // nothing there to read

    std::ofstream(directory.path() / "data.mdb") << std::string(20'000, 'g');
    const auto garbage = Store::open({directory.path()}, clock);
    ASSERT_FALSE(garbage);
    EXPECT_EQ(garbage.error().code, Errc::corrupt);
}

// Two processes over one store: a commit of one wakes the other, and a map that one grew is taken up by the other.
TEST_F(StoreTest, AnotherProcessSeesCommitsAndGrowth) {
    store.reset();
    const auto child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        auto other = Store::open({directory.path(), false, map_size}, clock);
        bool ok = other.has_value();
        for (int i = 0; ok && i < 40; ++i)
            ok = (*other)
                     ->write([&](WriteTxn& txn) {
                         return put_meta(txn, "c" + std::to_string(i), std::string(100'000, 'c'));
                     })
                     .has_value();
        _exit(ok ? 0 : 1);
    }
    auto reader = Store::open({directory.path(), false, map_size}, clock).value();
    auto seen = reader->version();
    while (!get_meta(*reader, "c39")) seen = reader->wait_for_change(seen, std::chrono::seconds(10));
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(reader->write([](WriteTxn& txn) { return put_meta(txn, "mine", "1"); }));
}

TEST_F(StoreTest, AReadOnlyStoreReadsAndRefusesToWrite) {
    ASSERT_TRUE(store->write([](WriteTxn& txn) { return put_meta(txn, "a", "1"); }));
    store.reset();
    auto reader = Store::open({directory.path(), true, map_size}, clock).value();
    EXPECT_EQ(get_meta(*reader, "a"), "1");
    const auto refused = reader->write([](WriteTxn& txn) { return put_meta(txn, "b", "1"); });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::read_only);
}

} // namespace
} // namespace provenbl
