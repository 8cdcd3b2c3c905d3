#include "store/access_keys.hpp"
#include "store/codec.hpp"
#include "tests/support/store_fixture.hpp"

#include <gmock/gmock.h>
#include <lmdb.h>

#include <array>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

namespace provenbl {
namespace {

using ::testing::HasSubstr;

std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class AccessKeys : public test::StoreFixture {
protected:
    Result<AccessKey> add(const char* name) {
        AccessKey key;
        key.name = name;
        key.hash = access_keys::hash_label(bytes(access_keys::make_label(entropy_)));
        key.per_second = 10;
        key.per_day = 1000;
        return in_write([&](WriteTxn& txn) { return access_keys::add(txn, key); });
    }
    Result<AccessKey> revoke(const char* name) {
        return in_write([&](WriteTxn& txn) { return access_keys::revoke(txn, name); });
    }
    [[nodiscard]] std::vector<AccessKey> all() const {
        std::vector<AccessKey> keys;
        store->read([&](const ReadTxn& txn) {
            access_keys::walk(txn, [&](const AccessKey& key) {
                keys.push_back(key);
                return true;
            });
        });
        return keys;
    }
    [[nodiscard]] std::uint64_t version() const {
        return store->read([](const ReadTxn& txn) { return access_keys::version(txn); });
    }

private:
    template <class F> Result<AccessKey> in_write(F work) {
        std::optional<Result<AccessKey>> made;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            made.emplace(work(txn));
            if (!*made) return made->error();
            return {};
        });
        if (!done) return done.error();
        return *made;
    }
    SystemEntropy entropy_;
};

TEST_F(AccessKeys, AreMadeAndRevoked) {
    EXPECT_TRUE(all().empty());
    EXPECT_EQ(version(), 0U);
    const auto first = add("first");
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->id, 1U);
    EXPECT_EQ(first->created, clock.now());
    EXPECT_TRUE(first->in_force());
    ASSERT_TRUE(add("second"));
    EXPECT_EQ(version(), 2U);
    clock.advance(std::chrono::hours(1));
    const auto revoked = revoke("first");
    ASSERT_TRUE(revoked) << revoked.error().message;
    EXPECT_EQ(revoked->revoked, clock.now());
    EXPECT_EQ(version(), 3U);
    reopen();
    const auto keys = all();
    ASSERT_EQ(keys.size(), 2U);
    EXPECT_EQ(keys[0], *revoked);
    EXPECT_FALSE(keys[0].in_force());
    EXPECT_TRUE(keys[1].in_force());
}

TEST_F(AccessKeys, ANameIsUsedOnceAtATime) {
    ASSERT_TRUE(add("name"));
    const auto again = add("name");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::conflict);
    EXPECT_THAT(again.error().message, HasSubstr("'name'; choose another"));
    EXPECT_EQ(version(), 1U);
    ASSERT_TRUE(revoke("name"));
    EXPECT_EQ(revoke("name").error().code, Errc::not_found);
    EXPECT_EQ(revoke("other").error().code, Errc::not_found);
    const auto anew = add("name");
    ASSERT_TRUE(anew);
    EXPECT_EQ(anew->id, 2U);
}

TEST(AccessKeyLabel, IsTwentyRandomLetters) {
    SystemEntropy entropy;
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto label = access_keys::make_label(entropy);
        EXPECT_TRUE(access_keys::is_label(bytes(label))) << label;
        EXPECT_TRUE(seen.insert(label).second);
    }
    for (const char* other : {"", "abc", "abcdefghijklmnopqrs", "abcdefghijklmnopqrstu", "Abcdefghijklmnopqrst",
                              "abcdefghijklmnopqrs1", "abcdefghijklmnopqrs8", "abcdefghijklmnopqr-t"})
        EXPECT_FALSE(access_keys::is_label(bytes(other))) << other;
}

// SHA-256 of "abc" begins so (FIPS 180-2 appendix B.1).
TEST(AccessKeyLabel, IsKeptAsAHash) {
    const auto hash = access_keys::hash_label(bytes("abc"));
    EXPECT_EQ(hash[0], 0xba);
    EXPECT_EQ(hash[1], 0x78);
    EXPECT_EQ(hash[15], 0x23);
}

TEST(AccessKeyRecord, GoesBothWays) {
    AccessKey key;
    key.id = 7;
    key.hash = {1, 2, 3};
    key.name = "example-corp";
    key.per_second = 50;
    key.per_day = 5'000'000'000;
    key.created = Time{Duration{1}};
    key.revoked = Time{Duration{2}};
    key.note = "until the contract ends";
    EXPECT_EQ(codec::decode<AccessKey>(codec::encode(key)), key);
}

// A process that only reads may have opened the store before anybody had made the table.
TEST_F(AccessKeys, ATableThatAppearsLaterIsFound) {
    ASSERT_TRUE(add("early"));
    store.reset();
    // As an older version leaves it: without the table.
    {
        MDB_env* env = nullptr;
        ASSERT_EQ(mdb_env_create(&env), 0);
        mdb_env_set_maxdbs(env, 32);
        ASSERT_EQ(mdb_env_open(env, directory.path().c_str(), 0, 0600), 0);
        MDB_txn* txn = nullptr;
        ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
        MDB_dbi table = 0;
        ASSERT_EQ(mdb_dbi_open(txn, "access_keys", 0, &table), 0);
        ASSERT_EQ(mdb_drop(txn, table, 1), 0);
        ASSERT_EQ(mdb_txn_commit(txn), 0);
        mdb_env_close(env);
    }
    // The new writer is another process: forked before this one opens the store, it waits until it is told.
    std::array<int, 2> tell{};
    ASSERT_EQ(pipe(tell.data()), 0);
    const auto child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        char told = 0;
        if (read(tell[0], &told, 1) != 1) _exit(1);
        reopen();
        const bool added = add("late").has_value();
        store.reset();
        _exit(added ? 0 : 2);
    }
    auto opened = Store::open({directory.path(), true, map_size}, clock);
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
    EXPECT_TRUE(all().empty());
    ASSERT_EQ(write(tell[1], "x", 1), 1);
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    const auto keys = all();
    ASSERT_EQ(keys.size(), 1U);
    EXPECT_EQ(keys[0].name, "late");
    close(tell[0]);
    close(tell[1]);
}

} // namespace
} // namespace provenbl
