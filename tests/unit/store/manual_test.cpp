#include "store/purges.hpp"
#include "tests/support/store_fixture.hpp"

namespace provenbl {
namespace {

using namespace std::chrono_literals;
using test::ip;

class ManualListings : public test::StoreFixture {
protected:
    Result<> enter(const Address& address, ListingClass cls, Duration life, const char* reason = "sends spam",
                   const char* by = "carol") {
        return store->write([&](WriteTxn& txn) -> Result<> {
            ManualListing entry;
            entry.cls = cls;
            entry.reason = reason;
            entry.by = by;
            entry.until = txn.now + life;
            const auto done = ledger::list_manually(txn, address, entry);
            return done ? Result<>{} : Result<>{done.error()};
        });
    }
    std::size_t expire() {
        std::size_t ended = 0;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            ended = ledger::expire_manual(txn, txn.now, 100);
            return {};
        });
        if (!done) throw std::runtime_error(done.error().message);
        return ended;
    }
    const Address host_ = ip("5.6.7.8");
};

TEST_F(ManualListings, ListAndEndByThemselves) {
    ASSERT_TRUE(enter(host_, ListingClass::socks, 24h));
    EXPECT_EQ(listing(host_)->classes, ClassSet{ListingClass::socks});
    EXPECT_EQ(host(host_)->queued_scan, 0U) << "nothing to rescan";
    const auto change = all_changes().at(0);
    EXPECT_EQ(change.reason, ChangeReason::manual);
    EXPECT_EQ(change.by, "carol");
    EXPECT_EQ(change.case_id, change.sequence);
    EXPECT_EQ(expire(), 0U);
    clock.advance(24h);
    EXPECT_EQ(expire(), 1U);
    EXPECT_FALSE(listing(host_));
    EXPECT_EQ(all_changes().back().reason, ChangeReason::manual_ended);
    EXPECT_EQ(expire(), 0U);
}

TEST_F(ManualListings, AProofOutlivesThem) {
    ASSERT_TRUE(enter(host_, ListingClass::socks, 24h));
    prove(1, host_);
    EXPECT_EQ(listing(host_)->classes, (ClassSet{ListingClass::relay, ListingClass::socks}));
    clock.advance(24h);
    expire();
    EXPECT_EQ(listing(host_)->classes, ClassSet{ListingClass::relay});
    EXPECT_NE(host(host_)->queued_scan, 0U) << "what was proven is looked at again";
}

TEST_F(ManualListings, AreRenewedNotDoubled) {
    ASSERT_TRUE(enter(host_, ListingClass::socks, 24h));
    ASSERT_TRUE(enter(host_, ListingClass::http, 24h));
    ASSERT_TRUE(enter(host_, ListingClass::socks, 48h));
    EXPECT_EQ(host(host_)->manual.size(), 2U);
    clock.advance(24h);
    EXPECT_EQ(expire(), 1U);
    EXPECT_EQ(listing(host_)->classes, ClassSet{ListingClass::socks});
    clock.advance(24h);
    EXPECT_EQ(expire(), 1U);
    EXPECT_FALSE(listing(host_));
}

TEST_F(ManualListings, NeedReasonAuthorAndEnd) {
    EXPECT_EQ(enter(host_, ListingClass::socks, 24h, "").error().code, Errc::invalid);
    EXPECT_EQ(enter(host_, ListingClass::socks, 24h, "x", "").error().code, Errc::invalid);
    EXPECT_EQ(enter(host_, ListingClass::socks, 0h).error().code, Errc::invalid);
    EXPECT_EQ(enter(host_, ListingClass::socks, 24h * 400).error().code, Errc::invalid);
    EXPECT_EQ(enter(ip("127.0.0.1"), ListingClass::socks, 24h).error().code, Errc::not_allowed);
    EXPECT_TRUE(all_changes().empty());
}

TEST_F(ManualListings, AreTakenBackExcludedAndPurged) {
    const auto back = [&] {
        return store->write([&](WriteTxn& txn) -> Result<> {
            const auto done = ledger::end_manual(txn, host_, "a mistake", "carol");
            return done ? Result<>{} : Result<>{done.error()};
        });
    };
    EXPECT_EQ(back().error().code, Errc::not_found);
    ASSERT_TRUE(enter(host_, ListingClass::socks, 24h));
    ASSERT_TRUE(back());
    EXPECT_FALSE(listing(host_));

    ASSERT_TRUE(enter(host_, ListingClass::socks, 24h));
    PurgeFilter filter;
    filter.actor = "carol";
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        const auto begun = purges::begin(txn, filter, "carol was wrong", "dave");
        if (!begun) return begun.error();
        const auto done = purges::step(txn, begun->id);
        return done ? Result<>{} : Result<>{done.error()};
    }));
    EXPECT_FALSE(listing(host_));

    ASSERT_TRUE(enter(host_, ListingClass::socks, 24h));
    Exclusion exclusion;
    exclusion.prefix = Prefix::of(host_, 24);
    exclusion.reason = "asked";
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        const auto done = ledger::exclude(txn, exclusion);
        return done ? Result<>{} : Result<>{done.error()};
    }));
    EXPECT_FALSE(listing(host_));
    EXPECT_EQ(enter(host_, ListingClass::socks, 24h).error().code, Errc::not_allowed);
    clock.advance(48h);
    EXPECT_EQ(expire(), 0U) << "no end is left of what is gone";
}

} // namespace
} // namespace provenbl
