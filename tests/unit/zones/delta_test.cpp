// What has changed between two serials: over random histories, and wherever the journal does not tell.
#include "store/exclusions.hpp"
#include "store/journal_append.hpp"
#include "store/listing_unit.hpp"
#include "store/notices.hpp"
#include "tests/support/random_history.hpp"
#include "tests/support/store_fixture.hpp"
#include "zones/delta.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>

namespace provenbl::zones {
namespace {

using namespace std::chrono_literals;
using test::ip;
using Listed = std::map<Address, ClassSet>;

constexpr std::size_t many = 1'000'000;

TEST(SerialPlace, IsFoundInTheSequence) {
    EXPECT_EQ(place_of(77, 77).state, SerialState::current);
    EXPECT_EQ(place_of(70, 77).state, SerialState::behind);
    EXPECT_EQ(place_of(70, 77).sequence, 70U);
    EXPECT_EQ(place_of(0, 77).sequence, 0U);
    EXPECT_EQ(place_of(78, 77).state, SerialState::current) << "newer than ours: RFC 1995 section 2";
    EXPECT_EQ(place_of(0x80000000U + 76, 77).state, SerialState::current);
    EXPECT_EQ(place_of(0x80000000U + 77, 77).state, SerialState::unknown) << "RFC 1982 3.2 does not say";
    EXPECT_EQ(place_of(0x80000000U + 78, 77).state, SerialState::unknown) << "from before the beginning";
}

TEST(SerialPlace, WrapsAsRfc1982HasIt) {
    constexpr std::uint64_t round = std::uint64_t{1} << 32U;
    EXPECT_EQ(place_of(0xfffffff0U, 3 * round + 5).state, SerialState::behind);
    EXPECT_EQ(place_of(0xfffffff0U, 3 * round + 5).sequence, 3 * round - 16);
    EXPECT_EQ(place_of(0, 3 * round + 5).sequence, 3 * round);
    EXPECT_EQ(place_of(6, 3 * round + 5).state, SerialState::current);
    EXPECT_EQ(place_of(5, 3 * round - 16).state, SerialState::current) << "newer, across the wrap";
    EXPECT_EQ(place_of(0x80000006U, 3 * round + 5).sequence, 2 * round + 0x80000006U);
}

class DeltaTest : public test::StoreFixture {
protected:
    std::uint32_t tokens_ = 0;

    void write(const Store::Work& work) {
        const auto done = store->write(work);
        ASSERT_TRUE(done) << done.error().message;
    }
    void list(const Address& address, ListingClass cls = ListingClass::relay) {
        auto probe = test::mail_probe(++tokens_, address, clock.now());
        probe.cls = cls;
        probe.technique = "technique/" + std::string(to_string(cls));
        prove(probe, address);
    }
    void delist(const Address& address) {
        write([&](WriteTxn& txn) -> Result<> {
            const auto prefix = Prefix::of(address, address.bits());
            const auto excluded = ledger::exclude(txn, {prefix, "asked", "operator", clock.now(), clock.now() + 1h});
            if (!excluded) return excluded.error();
            exclusions::remove(txn, prefix);
            return {};
        });
    }
    std::uint64_t now() {
        return store->read([](const ReadTxn& txn) { return journal::last(txn); });
    }
    Listed listed() {
        return store->read([](const ReadTxn& txn) {
            Listed all;
            hosts::walk_listed(txn, [&](const Address& address, const Listing& listing) {
                all[address] = listing.classes;
                return true;
            });
            return all;
        });
    }
    std::optional<Delta> delta(std::uint64_t from, std::uint64_t to, std::size_t most = many) {
        return store->read([&](const ReadTxn& txn) { return read_delta(txn, from, to, most); });
    }
    static void apply(const Delta& delta, Listed& to) {
        for (const auto& change : delta) {
            const auto before = to.count(change.address) != 0 ? to[change.address] : ClassSet{};
            EXPECT_EQ(before, change.before) << change.address.to_string();
            if (change.after.empty())
                to.erase(change.address);
            else
                to[change.address] = change.after;
        }
    }
};

TEST_F(DeltaTest, WhatChangesAndChangesBackIsInNoneOfIt) {
    using enum ListingClass;
    list(ip("5.6.7.8"));
    list(ip("5.6.7.9"));
    const auto from = now();
    list(ip("5.6.7.7"));
    list(ip("5.6.7.7"), socks);
    list(ip("5.6.7.6"));
    delist(ip("5.6.7.6"));
    delist(ip("5.6.7.8"));
    list(ip("2a00::1"), http);
    clock.advance(2h);
    delist(ip("5.6.7.9"));
    list(ip("5.6.7.9"));
    const auto found = delta(from, now());
    ASSERT_TRUE(found);
    EXPECT_EQ(*found,
              (Delta{{ip("5.6.7.7"), {}, {relay, socks}}, {ip("5.6.7.8"), {relay}, {}}, {ip("2a00::1"), {}, {http}}}));
    EXPECT_EQ(delta(now(), now()), Delta{});
}

TEST_F(DeltaTest, MoreThanIsWorthTellingIsNotTold) {
    list(ip("5.6.7.8"));
    const auto from = now();
    for (std::uint8_t i = 1; i <= 10; ++i) list(Address::v4(5, 6, 8, i));
    EXPECT_TRUE(delta(from, now(), 10));
    EXPECT_FALSE(delta(from, now(), 9));
    EXPECT_FALSE(delta(now() + 1, now())) << "of the future";
    EXPECT_FALSE(delta(from, now() + 1)) << "the store was replaced by an older one";
}

TEST_F(DeltaTest, IsReadInPieces) {
    for (std::uint8_t i = 1; i <= 50; ++i) list(Address::v4(5, 6, 8, i));
    DeltaReader reader(0, now(), many);
    int reads = 1;
    while (store->read([&](const ReadTxn& txn) { return reader.read(txn, 7); }) == DeltaReader::Progress::more) ++reads;
    EXPECT_EQ(reads, 8);
    EXPECT_EQ(reader.take().size(), 50U);
}

// Between two pieces: what was to be read next is gone.
TEST_F(DeltaTest, AJournalThatIsTrimmedMeanwhileIsNotTold) {
    for (std::uint8_t i = 1; i <= 20; ++i) list(Address::v4(5, 6, 8, i));
    DeltaReader reader(0, now(), many);
    const auto read = [&] { return store->read([&](const ReadTxn& txn) { return reader.read(txn, 7); }); };
    EXPECT_EQ(read(), DeltaReader::Progress::more);
    write([&](WriteTxn& txn) -> Result<> {
        journal::raise_floor(txn, 9);
        return {};
    });
    EXPECT_EQ(read(), DeltaReader::Progress::untold);
    EXPECT_EQ(read(), DeltaReader::Progress::untold) << "for good";
}

TEST_F(DeltaTest, BelowTheFloorNothingIsTold) {
    for (std::uint8_t i = 1; i <= 20; ++i) list(Address::v4(5, 6, 8, i));
    write([&](WriteTxn& txn) -> Result<> {
        journal::raise_floor(txn, 9);
        return {};
    });
    EXPECT_FALSE(delta(8, now()));
    EXPECT_TRUE(delta(9, now()));
}

TEST_F(DeltaTest, AcrossAChangeOfTheConfigurationNothingIsTold) {
    list(ip("5.6.7.8"));
    const auto from = now();
    write([](WriteTxn& txn) -> Result<> {
        journal::note_configuration(txn, "digest");
        return {};
    });
    const auto after = now();
    list(ip("5.6.7.9"));
    EXPECT_FALSE(delta(from, now()));
    EXPECT_FALSE(delta(from, after));
    EXPECT_TRUE(delta(after, now()));
}

TEST_F(DeltaTest, AcrossAShutdownNothingIsTold) {
    list(ip("5.6.7.8"));
    const auto from = now();
    write([](WriteTxn& txn) -> Result<> {
        if (auto done = notices::shut_down(txn, "moved", "bob"); !done) return done.error();
        return {};
    });
    const auto closed = now();
    write([](WriteTxn& txn) -> Result<> {
        if (auto done = notices::resume(txn, "back", "bob"); !done) return done.error();
        return {};
    });
    EXPECT_FALSE(delta(from, closed));
    EXPECT_FALSE(delta(closed, now()));
    EXPECT_FALSE(delta(from, now()));
}

// A restore moves the serial on, here across the end of its 32 bits: what was before is not told, what comes is.
TEST_F(DeltaTest, ASerialWraps) {
    constexpr std::uint64_t last = 0xffffffffU;
    list(ip("5.6.7.8"));
    const auto before = now();
    write([](WriteTxn& txn) -> Result<> {
        journal::advance(txn, last - 2, "restored");
        return {};
    });
    const auto from = now();
    for (std::uint8_t i = 1; i <= 6; ++i) list(Address::v4(5, 6, 8, i));
    ASSERT_EQ(static_cast<std::uint32_t>(now()), 3U);
    EXPECT_FALSE(delta(before, now()));
    const auto place = place_of(static_cast<std::uint32_t>(from), now());
    ASSERT_EQ(place.state, SerialState::behind);
    const auto found = delta(place.sequence, now());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size(), 6U);
    EXPECT_EQ(place_of(0, now()).sequence, last + 1);
    EXPECT_EQ(delta(last + 1, now())->size(), 3U);
}

TEST_F(DeltaTest, TakesOneStateToTheOtherThroughRandomHistories) {
    const test::HistorySettings settings{.hosts = 60};
    std::vector<std::pair<std::uint64_t, Listed>> states{{0, {}}};
    std::vector<std::uint64_t> told; // entries that are no host's
    std::mt19937 random(23);
    for (std::uint64_t seed = 1; states.size() < 120; ++seed) {
        clock.advance(std::chrono::minutes(3));
        static_cast<void>(store->write([&](WriteTxn& txn) { return test::random_event(txn, seed, settings); }));
        if (now() != states.back().first) states.emplace_back(now(), listed());
        ASSERT_LT(seed, 20'000U);
    }
    for (const auto& change : all_changes()) {
        if (!names_host(change.reason)) told.push_back(change.sequence);
    }
    int compared = 0;
    for (int round = 0; round < 400; ++round) {
        auto a = random() % states.size();
        auto b = random() % states.size();
        if (a > b) std::swap(a, b);
        const auto& [from, before] = states[a];
        const auto& [to, after] = states[b];
        const bool tells = std::none_of(told.begin(), told.end(),
                                        [&, from = from, to = to](auto at) { return at > from && at <= to; });
        const auto found = delta(from, to);
        ASSERT_EQ(found.has_value(), tells) << from << " to " << to;
        if (!found) continue;
        auto state = before;
        apply(*found, state);
        ASSERT_EQ(state, after) << from << " to " << to;
        ++compared;
    }
    EXPECT_GT(compared, 50);
}

} // namespace
} // namespace provenbl::zones
