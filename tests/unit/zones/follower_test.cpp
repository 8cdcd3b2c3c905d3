// The follower over a real store: what the index says is what the store lists, whatever happened and what
// is no longer needed is freed.
#include "store/exclusions.hpp"
#include "store/journal_append.hpp"
#include "tests/support/store_fixture.hpp"
#include "zones/follower.hpp"

#include <chrono>
#include <map>
#include <random>
#include <thread>

namespace provenbl::zones {
namespace {

using namespace std::chrono_literals;
using test::ip;

class FollowerTest : public test::StoreFixture {
protected:
    std::uint32_t tokens_ = 0;

    void list(const Address& address, ListingClass cls) {
        auto probe = test::mail_probe(++tokens_, address, clock.now());
        probe.cls = cls;
        probe.technique = "technique/" + std::string(to_string(cls));
        prove(probe, address);
    }
    void delist(const Address& address) {
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            const auto excluded = ledger::exclude(
                txn, {Prefix::of(address, address.bits()), "asked", "operator", clock.now(), clock.now() + 1h});
            if (!excluded) return excluded.error();
            // Only what it delisted stays.
            exclusions::remove(txn, Prefix::of(address, address.bits()));
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
    }
    std::map<Address, ClassSet> stored() {
        return store->read([](const ReadTxn& txn) {
            std::map<Address, ClassSet> all;
            hosts::walk_listed(txn, [&](const Address& address, const Listing& listing) {
                all[address] = listing.classes;
                return true;
            });
            return all;
        });
    }
    static std::map<Address, ClassSet> indexed(const Snapshot& snapshot) {
        std::map<Address, ClassSet> all;
        snapshot.index.walk([&](const Address& address, ClassSet classes) {
            all[address] = classes;
            return true;
        });
        return all;
    }
    std::uint64_t journal_last() {
        return store->read([](const ReadTxn& txn) { return journal::last(txn); });
    }
};

TEST_F(FollowerTest, IsEmptyBeforeItHasSeenTheStore) {
    list(ip("5.6.7.8"), ListingClass::relay);
    const Follower follower(*store);
    ASSERT_NE(follower.snapshot(), nullptr);
    EXPECT_EQ(follower.snapshot()->index.size(), 0U);
    EXPECT_EQ(follower.snapshot()->serial(), 0U);
}

TEST_F(FollowerTest, CompilesWhatIsListedAndThenFollowsTheJournal) {
    list(ip("5.6.7.8"), ListingClass::relay);
    list(ip("2a00::1"), ListingClass::socks);
    Follower follower(*store);
    follower.catch_up();
    EXPECT_EQ(indexed(*follower.snapshot()), stored());
    EXPECT_EQ(follower.snapshot()->sequence, journal_last());

    const auto before = follower.snapshot();
    const auto generation = follower.generation();
    list(ip("5.6.7.8"), ListingClass::http);
    list(ip("5.6.7.9"), ListingClass::http);
    delist(ip("2a00::1"));
    follower.catch_up();
    EXPECT_EQ(follower.snapshot()->index.find(ip("5.6.7.8")), (ClassSet{ListingClass::relay, ListingClass::http}));
    EXPECT_TRUE(follower.snapshot()->index.find(ip("2a00::1")).empty());
    EXPECT_EQ(indexed(*follower.snapshot()), stored());
    EXPECT_EQ(follower.snapshot()->sequence, journal_last());
    EXPECT_GT(follower.generation(), generation);
    // Who still holds the older snapshot reads what it said.
    EXPECT_EQ(before->index.find(ip("2a00::1")), ClassSet{ListingClass::socks});
}

TEST_F(FollowerTest, NothingNewPublishesNothing) {
    Follower follower(*store);
    follower.catch_up();
    const auto generation = follower.generation();
    const auto held = follower.snapshot();
    follower.catch_up();
    EXPECT_EQ(follower.generation(), generation);
    EXPECT_EQ(follower.snapshot(), held);
}

TEST_F(FollowerTest, AChangeOfTheConfigurationMovesTheSerialOnly) {
    list(ip("5.6.7.8"), ListingClass::relay);
    Follower follower(*store);
    follower.catch_up();
    const auto before = follower.snapshot();
    ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
        EXPECT_TRUE(journal::note_configuration(txn, "digest"));
        return {};
    }));
    follower.catch_up();
    EXPECT_EQ(follower.snapshot()->sequence, before->sequence + 1);
    EXPECT_EQ(indexed(*follower.snapshot()), indexed(*before));
}

// What the serial of a catalog is: where the zones were defined last, whatever has been listed since; and a restore,
// which moves the journal on, moves it as well.
TEST_F(FollowerTest, KnowsWhichDefinitionItsSerialBelongsTo) {
    const auto note = [&](const char* digest) {
        ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
            journal::note_configuration(txn, digest);
            return {};
        }));
    };
    Follower follower(*store);
    follower.catch_up();
    EXPECT_EQ(follower.snapshot()->definition, "");
    note("one");
    list(ip("5.6.7.8"), ListingClass::relay);
    follower.catch_up();
    EXPECT_EQ(follower.snapshot()->definition, "one");
    EXPECT_EQ(follower.snapshot()->defined_at, 1U);
    EXPECT_EQ(follower.snapshot()->sequence, 2U);
    note("one");
    list(ip("5.6.7.9"), ListingClass::relay);
    follower.catch_up();
    EXPECT_EQ(follower.snapshot()->defined_at, 1U) << "the same as before";
    note("two");
    follower.catch_up();
    EXPECT_EQ(follower.snapshot()->definition, "two");
    EXPECT_EQ(follower.snapshot()->defined_at, 4U);
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        journal::advance(txn, 100, "restored");
        return {};
    }));
    follower.catch_up();
    EXPECT_EQ(follower.snapshot()->definition, "two");
    EXPECT_EQ(follower.snapshot()->defined_at, 100U);
}

TEST_F(FollowerTest, StaysEqualThroughRandomHistories) {
    std::mt19937 random(11);
    const auto number = [&](unsigned below) { return std::uniform_int_distribution<unsigned>(0, below - 1)(random); };
    Follower follower(*store);
    for (int round = 0; round < 120; ++round) {
        const auto low = static_cast<std::uint8_t>(1 + number(12));
        const auto address = number(3) == 0 ? Address::v6({0x2a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, low})
                                            : Address::v4(5, 6, 7, low);
        if (number(3) == 0) {
            delist(address);
        } else {
            list(address, all_listing_classes.at(number(all_listing_classes.size())));
        }
        if (number(2) == 0) {
            follower.catch_up();
            ASSERT_EQ(indexed(*follower.snapshot()), stored()) << "round " << round;
        }
    }
}

// Freeing many nodes takes time that no worker should lose.
TEST_F(FollowerTest, TheLastReaderOfASnapshotDoesNotFreeIt) {
    Follower follower(*store);
    follower.catch_up();
    auto held = follower.snapshot();
    const std::weak_ptr<const Snapshot> watched = held;
    list(ip("5.6.7.8"), ListingClass::relay);
    follower.catch_up();
    held.reset();
    EXPECT_FALSE(watched.expired());
    follower.catch_up();
    EXPECT_TRUE(watched.expired());
}

TEST_F(FollowerTest, ItsThreadPublishesCommitsAndStops) {
    Follower follower(*store);
    follower.start();
    SnapshotReader reader(follower);
    for (std::uint8_t i = 1; i <= 20; ++i) {
        list(Address::v4(5, 6, 7, i), ListingClass::relay);
        // Waiting is bounded only so that a broken follower fails instead of hanging.
        const auto patience = std::chrono::steady_clock::now() + 30s;
        while (reader.get().index.size() < i && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
        ASSERT_EQ(reader.get().index.size(), i);
    }
    EXPECT_EQ(follower.trouble(), "");
    follower.stop();
    list(ip("9.9.9.9"), ListingClass::relay);
    EXPECT_TRUE(follower.snapshot()->index.find(ip("9.9.9.9")).empty());
    follower.start();
    EXPECT_FALSE(follower.snapshot()->index.find(ip("9.9.9.9")).empty());
}

TEST_F(FollowerTest, ManyReadersSeeWholeSnapshotsOnly) {
    Follower follower(*store);
    follower.start();
    std::atomic<bool> done{false};
    std::vector<std::thread> readers;
    std::atomic<std::uint64_t> backwards{0};
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            SnapshotReader reader(follower);
            std::uint64_t last = 0;
            while (!done) {
                const auto& snapshot = reader.get();
                if (snapshot.sequence < last) ++backwards;
                // Each change lists one more host, so size and sequence are one number.
                if (snapshot.index.size() != snapshot.sequence) ++backwards;
                last = snapshot.sequence;
                std::this_thread::yield();
            }
        });
    }
    for (std::uint8_t i = 1; i <= 60; ++i) list(Address::v4(5, 6, 8, i), ListingClass::relay);
    done = true;
    for (auto& reader : readers) reader.join();
    EXPECT_EQ(backwards, 0U);
}

} // namespace
} // namespace provenbl::zones
