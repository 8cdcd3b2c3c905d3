#include "store/exclusions.hpp"
#include "tests/support/store_fixture.hpp"

#include <random>

namespace provenbl {
namespace {

using namespace std::chrono_literals;
using test::ip;

class Exclusions : public test::StoreFixture {
protected:
    std::size_t exclude(const char* prefix, const char* reason, Time until = {}) {
        std::size_t delisted = 0;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            const auto result = ledger::exclude(txn, {Prefix::parse(prefix).value(), reason, "carol", txn.now, until});
            if (!result) return result.error();
            delisted = *result;
            return {};
        });
        if (!done) throw std::runtime_error(done.error().message);
        return delisted;
    }
    std::string covering(const char* address) {
        return store->read([&](const ReadTxn& txn) {
            const auto found = exclusions::covering(txn, ip(address), clock.now());
            return found ? found->reason : std::string("none");
        });
    }
};

TEST_F(Exclusions, TheMostSpecificThatIsInForceCounts) {
    exclude("5.0.0.0/8", "wide");
    exclude("5.6.0.0/16", "narrow", clock.now() + 1h);
    exclude("2a00::/16", "six");
    EXPECT_EQ(covering("5.6.7.8"), "narrow");
    EXPECT_EQ(covering("5.7.7.8"), "wide");
    EXPECT_EQ(covering("6.7.7.8"), "none");
    EXPECT_EQ(covering("2a00:1::1"), "six");
    EXPECT_EQ(covering("2a01:1::1"), "none");
    clock.advance(1h);
    EXPECT_EQ(covering("5.6.7.8"), "wide") << "the narrow one has ended";
}

// Beside a look at each of them: hundreds of prefixes that lie in, beside and behind each other.
TEST_F(Exclusions, TheShortWayFindsWhatALookAtAllFinds) {
    std::mt19937 random(7);
    const auto draw = [&](std::uint32_t below) { return static_cast<std::uint32_t>(random() % below); };
    const auto draw_address = [&] {
        return Address::v4(5, static_cast<std::uint8_t>(draw(4)), static_cast<std::uint8_t>(draw(4) * 64),
                           static_cast<std::uint8_t>(draw(256)));
    };
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        for (int i = 0; i < 300; ++i) {
            const auto prefix = Prefix::of(draw_address(), 12 + draw(21));
            const auto until = draw(3) == 0 ? txn.now + 1h : Time{};
            if (!ledger::exclude(txn, {prefix, prefix.to_string(), "carol", txn.now, until})) ADD_FAILURE();
        }
        return {};
    }));
    clock.advance(2h);
    store->read([&](const ReadTxn& txn) {
        for (int i = 0; i < 2000; ++i) {
            const auto address = draw_address();
            std::optional<Exclusion> longest;
            exclusions::walk(txn, [&](const Exclusion& each) {
                const bool holds = each.until == Time{} || clock.now() < each.until;
                if (holds && each.prefix.contains(address) &&
                    (!longest || each.prefix.length() > longest->prefix.length()))
                    longest = each;
                return true;
            });
            const auto found = exclusions::covering(txn, address, clock.now());
            ASSERT_EQ(found ? found->reason : "", longest ? longest->reason : "") << address.to_string();
        }
    });
}

TEST_F(Exclusions, EndAndNothingComesBackByItself) {
    prove(1, ip("5.6.7.8"));
    EXPECT_EQ(exclude("5.6.7.0/24", "asked", clock.now() + 24h), 1U);
    clock.advance(24h);
    EXPECT_EQ(covering("5.6.7.8"), "none");
    EXPECT_FALSE(listing(ip("5.6.7.8"))) << "only a new proof lists";
    clock.advance(1h);
    prove(2, ip("5.6.7.8"));
    EXPECT_TRUE(listing(ip("5.6.7.8")));
    EXPECT_EQ(host(ip("5.6.7.8"))->relistings, 0U) << "it never said it was closed";
}

TEST_F(Exclusions, AreRenewedByEnteringThemAgain) {
    exclude("5.6.7.0/24", "asked", clock.now() + 1h);
    clock.advance(2h);
    prove(1, ip("5.6.7.8"));
    EXPECT_EQ(exclude("5.6.7.0/24", "asked again", clock.now() + 1h), 1U) << "takes what was listed meanwhile";
    EXPECT_EQ(covering("5.6.7.8"), "asked again");
    std::size_t count = 0;
    store->read([&](const ReadTxn& txn) {
        exclusions::walk(txn, [&](const Exclusion&) {
            ++count;
            return true;
        });
    });
    EXPECT_EQ(count, 1U);
}

TEST_F(Exclusions, TakeIPv6AndDropItsVisits) {
    prove(1, ip("2a00:1::1"));
    prove(2, ip("2a00:2::1"));
    EXPECT_EQ(exclude("2a00:1::/32", "asked"), 1U);
    EXPECT_FALSE(listing(ip("2a00:1::1")));
    EXPECT_EQ(host(ip("2a00:1::1"))->queued_scan, 0U);
    EXPECT_TRUE(listing(ip("2a00:2::1")));
    EXPECT_EQ(all_changes().back().by, "carol");
}

} // namespace
} // namespace provenbl
