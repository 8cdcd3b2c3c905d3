// Nothing changes a listing without a journal entry: lives at random, then the journal replayed onto an empty index.
#include "store/replay.hpp"
#include "store/tables.hpp"
#include "tests/support/random_history.hpp"
#include "tests/support/store_fixture.hpp"

#include <future>
#include <random>

namespace provenbl {
namespace {

using namespace std::chrono_literals;
using test::ip;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t events = 10'000; // the sanitizers look at memory, and are ten times slower
#else
constexpr std::size_t events = 100'000;
#endif

class Replay : public test::StoreFixture {
protected:
    replay::Index replayed() {
        return store->read([](const ReadTxn& txn) {
            return replay::journal(txn, [](const Change& change, const Error& error) {
                ADD_FAILURE() << change.sequence << error.message;
            });
        });
    }
    std::vector<replay::Difference> differences() {
        return store->read([](const ReadTxn& txn) {
            const auto index = replay::journal(txn, [](const Change&, const Error&) {});
            std::vector<replay::Difference> all;
            replay::compare(txn, index, [&](const replay::Difference& difference) {
                all.push_back(difference);
                return true;
            });
            return all;
        });
    }
    // The serving index as it is on disk.
    static std::vector<std::pair<std::string, std::string>> raw_index(const Store& of) {
        return of.read([](const ReadTxn& txn) {
            std::vector<std::pair<std::string, std::string>> all;
            for (const auto table : {txn.tables.listed4, txn.tables.listed6}) {
                txn.txn.walk(table, {}, [&](lmdb::Bytes key, lmdb::Bytes value) {
                    all.emplace_back(key, value);
                    return true;
                });
            }
            return all;
        });
    }
    // What only a fault could do: the index changes and the journal hears nothing of it.
    void put_raw(const Address& address, const std::optional<Listing>& listing) {
        ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
            if (listing)
                txn.txn.put(txn.tables.listed4, keys::bare(address), codec::encode(*listing));
            else
                txn.txn.erase(txn.tables.listed4, keys::bare(address));
            return {};
        }));
    }

    // Events in groups, as the writer makes them; the clock moves between groups, and the program restarts at times.
    void live(std::uint64_t seed, std::size_t events, const test::HistorySettings& settings) {
        std::mt19937_64 dice(seed);
        for (std::size_t done = 0; done < events;) {
            const auto group = std::min<std::size_t>(events - done, 1 + dice() % 300);
            std::vector<std::future<void>> waiting;
            for (std::size_t i = 0; i < group; ++i) {
                const auto promise = std::make_shared<std::promise<void>>();
                waiting.push_back(promise->get_future());
                store->submit(
                    [&settings, event = dice()](WriteTxn& txn) { return test::random_event(txn, event, settings); },
                    [promise](const Result<>&) { promise->set_value(); });
            }
            for (auto& each : waiting) each.wait();
            done += group;
            clock.advance(std::chrono::milliseconds(dice() % 1'200'000));
            if (dice() % 100 != 0) continue;
            reopen();
            ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
                ledger::requeue_interrupted(txn);
                return {};
            }));
        }
    }
};

TEST_F(Replay, RandomHistoriesOfAHundredThousandEventsExplainEveryListing) {
    live(20260101, events, {500, true});
    const auto index = replayed();
    EXPECT_TRUE(differences().empty());

    // Onto an empty store: the tables are the same bytes.
    test::TemporaryDirectory other;
    const auto empty = Store::open({other.path(), false, map_size}, clock).value();
    ASSERT_TRUE(empty->write([&](WriteTxn& txn) -> Result<> {
        index.walk([&](const Address& address, const Listing& listing) {
            txn.txn.put(address.is_v4() ? txn.tables.listed4 : txn.tables.listed6, keys::bare(address),
                        codec::encode(listing));
        });
        return {};
    }));
    const auto served = raw_index(*store);
    EXPECT_EQ(raw_index(*empty), served);

    // The life was one: listings of both families came, stayed and went, for every reason that ends one.
    EXPECT_GT(served.size(), 50U);
    std::array<std::size_t, 16> reasons{};
    std::size_t same = 0; // a way closed, another of its class stayed
    for (const auto& change : all_changes()) {
        ++reasons.at(static_cast<std::size_t>(change.reason));
        if (change.before == change.after && !change.after.empty() && change.reason != ChangeReason::manual) ++same;
    }
    for (const auto reason : {ChangeReason::proven, ChangeReason::secured, ChangeReason::silent, ChangeReason::expired,
                              ChangeReason::excluded, ChangeReason::configuration, ChangeReason::manual,
                              ChangeReason::manual_ended, ChangeReason::purged})
        // A short history (sanitizers) need not have seen all of them.
        EXPECT_GE(reasons.at(static_cast<std::size_t>(reason)), events / 20'000) << to_string(reason);
    EXPECT_GE(same, events / 20'000);
    // Hosts and serving index are never apart.
    std::size_t listed = 0;
    store->read([&](const ReadTxn& txn) {
        txn.txn.walk(txn.tables.hosts, {}, [&](lmdb::Bytes, lmdb::Bytes value) {
            const auto host = codec::decode<Host>(value);
            if (host.listed()) {
                ++listed;
                const auto entry = index.find(host.address);
                EXPECT_TRUE(entry && entry->classes == host.classes() && entry->case_id == host.case_id)
                    << host.address.to_string();
            }
            return true;
        });
    });
    EXPECT_EQ(listed, served.size());
}

TEST_F(Replay, SmallCrowdedHistoriesToo) {
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
        live(seed, 3000, {12, false});
        EXPECT_TRUE(differences().empty()) << seed;
    }
}

TEST_F(Replay, AListingThatNothingExplainsIsFound) {
    prove(1, ip("5.6.7.8"));
    put_raw(ip("5.6.7.9"), Listing{ClassSet{ListingClass::relay}, 1, 1});
    const auto found = differences();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].address, ip("5.6.7.9"));
    EXPECT_FALSE(found[0].replayed);
    EXPECT_TRUE(found[0].served);
}

TEST_F(Replay, AListingThatWasLostIsFound) {
    prove(1, ip("5.6.7.8"));
    put_raw(ip("5.6.7.8"), std::nullopt);
    const auto found = differences();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found[0].replayed);
    EXPECT_FALSE(found[0].served);
}

TEST_F(Replay, AChangedCaseOrTimeIsFound) {
    prove(1, ip("5.6.7.8"));
    auto changed = *listing(ip("5.6.7.8"));
    ++changed.since;
    put_raw(ip("5.6.7.8"), changed);
    EXPECT_EQ(differences().size(), 1U);
}

TEST(ReplayIndex, AnEntryThatCannotFollowIsTold) {
    const ClassSet relay{ListingClass::relay};
    Change first;
    first.sequence = 1;
    first.address = ip("5.6.7.8");
    first.after = relay;
    first.case_id = 1;
    replay::Index index;
    EXPECT_TRUE(index.apply(first));

    auto again = first; // listed though it is listed
    again.sequence = 2;
    EXPECT_EQ(index.apply(again).error().code, Errc::corrupt);

    auto gone = first;
    gone.sequence = 4; // 3 is missing
    gone.before = relay;
    gone.after = {};
    EXPECT_EQ(index.apply(gone).error().code, Errc::corrupt);
    EXPECT_EQ(index.size(), 0U);
}

TEST(ReplayIndex, SinceAndCaseStayWhileClassesGrowAndShrink) {
    replay::Index index;
    Change change;
    change.sequence = change.case_id = 7; // a journal may begin late
    change.address = ip("2a00::1");
    change.after = ClassSet{ListingClass::relay};
    change.at = Time{5000s};
    ASSERT_TRUE(index.apply(change));
    change.sequence = 8;
    change.before = change.after;
    change.after = ClassSet{ListingClass::relay, ListingClass::socks};
    change.at = Time{6000s};
    ASSERT_TRUE(index.apply(change));
    EXPECT_EQ(index.find(ip("2a00::1")), (Listing{change.after, 5000, 7}));
    EXPECT_EQ(index.last(), 8U);
}

} // namespace
} // namespace provenbl
