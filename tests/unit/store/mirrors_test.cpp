#include "store/codec.hpp"
#include "store/mirrors.hpp"
#include "tests/support/store_fixture.hpp"

#include <gmock/gmock.h>

#include <set>

namespace provenbl {
namespace {

using ::testing::HasSubstr;

class Mirrors : public test::StoreFixture {
protected:
    Mirror made(const std::string& name) {
        Mirror mirror;
        mirror.name = name;
        mirror.kind = MirrorKind::knot;
        mirror.addresses = {{test::ip("192.0.2.1"), 53}, {test::ip("2001:db8::1"), 5353}};
        mirror.key_name = name + ".mirror.bl.example";
        mirror.algorithm = "hmac-sha256";
        mirror.secret = mirrors::make_secret(entropy_);
        return mirror;
    }
    Result<Mirror> add(const Mirror& mirror) {
        return in_write([&](WriteTxn& txn) { return mirrors::add(txn, mirror); });
    }
    Result<Mirror> remove(const char* name) {
        return in_write([&](WriteTxn& txn) { return mirrors::remove(txn, name); });
    }
    [[nodiscard]] std::vector<Mirror> all() const {
        std::vector<Mirror> found;
        store->read([&](const ReadTxn& txn) {
            mirrors::walk(txn, [&](const Mirror& mirror) {
                found.push_back(mirror);
                return true;
            });
        });
        return found;
    }
    [[nodiscard]] std::uint64_t version() const {
        return store->read([](const ReadTxn& txn) { return mirrors::version(txn); });
    }

private:
    template <class F> Result<Mirror> in_write(F work) {
        std::optional<Result<Mirror>> result;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            result.emplace(work(txn));
            if (!*result) return result->error();
            return {};
        });
        if (!done) return done.error();
        return *result;
    }
    SystemEntropy entropy_;
};

TEST_F(Mirrors, ComeAndGo) {
    EXPECT_TRUE(all().empty());
    EXPECT_EQ(version(), 0U);
    const auto first = add(made("first"));
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->id, 1U);
    EXPECT_EQ(first->added, clock.now());
    ASSERT_TRUE(add(made("second")));
    EXPECT_EQ(version(), 2U);
    clock.advance(std::chrono::hours(1));
    const auto gone = remove("first");
    ASSERT_TRUE(gone) << gone.error().message;
    EXPECT_EQ(gone->removed, clock.now());
    EXPECT_EQ(gone->secret, "") << "a key that is out of force is worth nothing to anybody";
    EXPECT_EQ(version(), 3U);
    reopen();
    const auto found = all();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], *gone);
    EXPECT_TRUE(found[1].in_force());
    EXPECT_EQ(found[1].secret.size(), mirrors::secret_size);
    const auto find = [&](const char* name) {
        return store->read([&](const ReadTxn& txn) { return mirrors::find(txn, name); });
    };
    EXPECT_FALSE(find("first"));
    EXPECT_EQ(find("second"), found[1]);
}

TEST_F(Mirrors, ANameIsUsedOnceAtATime) {
    ASSERT_TRUE(add(made("name")));
    auto other = made("other");
    other.key_name = "name.mirror.bl.example";
    for (const auto& again : {made("name"), other}) {
        const auto refused = add(again);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::conflict);
    }
    EXPECT_EQ(version(), 1U);
    EXPECT_EQ(remove("other").error().code, Errc::not_found);
    ASSERT_TRUE(remove("name"));
    EXPECT_EQ(remove("name").error().code, Errc::not_found);
    const auto anew = add(made("name"));
    ASSERT_TRUE(anew);
    EXPECT_EQ(anew->id, 2U);
}

TEST_F(Mirrors, WhatCantBeOneIsRefused) {
    for (const char* name : {"", "a.b", "A", "-a", "a-", "a b", "ä"}) {
        const auto refused = add(made(name));
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.error().code, Errc::invalid) << name;
    }
    EXPECT_FALSE(add(made(std::string(64, 'a'))));
    EXPECT_TRUE(add(made(std::string(63, 'a'))));
    auto weak = made("weak");
    weak.secret.resize(15);
    EXPECT_THAT(add(weak).error().message, HasSubstr("16 at least"));
    auto many = made("many");
    many.addresses.resize(mirrors::most_addresses + 1);
    EXPECT_EQ(add(many).error().code, Errc::limit);
}

TEST_F(Mirrors, ThereIsABound) {
    Errc last{};
    const auto filled = store->write([&](WriteTxn& txn) -> Result<> {
        for (std::size_t i = 0; i < mirrors::most_in_force; ++i) {
            auto added = mirrors::add(txn, made("m" + std::to_string(i)));
            if (!added) return added.error();
        }
        last = mirrors::add(txn, made("one-more")).error().code;
        return {};
    });
    ASSERT_TRUE(filled) << filled.error().message;
    EXPECT_EQ(last, Errc::limit);
}

TEST(MirrorRecord, GoesBothWays) {
    Mirror mirror;
    mirror.id = 7;
    mirror.name = "ns2";
    mirror.kind = MirrorKind::rbldnsd;
    mirror.addresses = {{test::ip("192.0.2.1"), 53}, {test::ip("2001:db8::1"), 5353}};
    mirror.from = {Prefix::parse("192.0.2.0/24").value(), Prefix::parse("2001:db8::/32").value()};
    mirror.key_name = "ns2.mirror.bl.example";
    mirror.algorithm = "hmac-sha512";
    mirror.secret = std::string("\0\1\377", 3);
    mirror.zones = {"bl.example", "relay.bl.example"};
    mirror.added = Time{Duration{1}};
    mirror.removed = Time{Duration{2}};
    mirror.note = "of our friends";
    EXPECT_EQ(codec::decode<Mirror>(codec::encode(mirror)), mirror);
    EXPECT_EQ(codec::decode<Mirror>(codec::encode(Mirror{})), Mirror{});
}

TEST(MirrorKindName, GoesBothWays) {
    for (const auto kind : all_mirror_kinds) EXPECT_EQ(parse_mirror_kind(to_string(kind)), kind);
    EXPECT_FALSE(parse_mirror_kind("windows"));
    EXPECT_EQ(to_string(static_cast<MirrorKind>(99)), "unknown");
}

TEST(MirrorSecret, IsRandom) {
    SystemEntropy entropy;
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(seen.insert(mirrors::make_secret(entropy)).second);
}

} // namespace
} // namespace provenbl
