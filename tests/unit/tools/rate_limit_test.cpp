#include "tools/api/rate_limit.hpp"

#include <gtest/gtest.h>

namespace provenbl::tools::api {
namespace {

using namespace std::chrono_literals;

const Time start{std::chrono::hours{24 * 365 * 50}};

Address ip(std::string_view text) {
    return Address::parse(text).value();
}

ApiLimits limits(std::uint32_t lookups, std::uint32_t rescans = 2, std::uint32_t reports = 3) {
    ApiLimits made;
    made.lookups_per_minute = lookups;
    made.rescans_per_hour = rescans;
    made.reports_per_minute = reports;
    made.table_size = 64;
    return made;
}

TEST(RateLimit, ABucketIsSpentAndFillsAgain) {
    RateLimiter limiter{limits(6)}; // one comes back every 10 s
    for (std::uint32_t left = 6; left-- > 0;) {
        const auto taken = limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start);
        EXPECT_TRUE(taken.allowed);
        EXPECT_EQ(taken.limit, 6U);
        EXPECT_EQ(taken.remaining, left);
    }
    const auto refused = limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.retry_after, 10s);
    EXPECT_EQ(refused.reset, 60s);
    EXPECT_FALSE(limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start + 9s).allowed)
        << "a refusal costs nothing, and waiting is not shortened";
    EXPECT_EQ(limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start + 9500ms).retry_after, 1s);
    EXPECT_TRUE(limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start + 10s).allowed);
    EXPECT_EQ(limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start + 1h).remaining, 5U);
}

TEST(RateLimit, ClientsAndPurposesAreApart) {
    RateLimiter limiter{limits(1, 1, 1)};
    EXPECT_TRUE(limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start).allowed);
    EXPECT_FALSE(limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start).allowed);
    EXPECT_TRUE(limiter.take(Limited::lookups, ip("192.0.2.2"), {}, start).allowed);
    EXPECT_TRUE(limiter.take(Limited::rescans, ip("192.0.2.1"), {}, start).allowed);
    EXPECT_TRUE(limiter.take(Limited::reports, ip("192.0.2.1"), {}, start).allowed);
    EXPECT_FALSE(limiter.take(Limited::rescans, ip("192.0.2.1"), {}, start + 59min).allowed) << "of an hour";
    EXPECT_TRUE(limiter.take(Limited::nothing, ip("192.0.2.1"), {}, start).allowed);
}

TEST(RateLimit, AnIpv6NetworkIsOneClient) {
    RateLimiter limiter{limits(1)};
    EXPECT_TRUE(limiter.take(Limited::lookups, ip("2001:db8::1"), {}, start).allowed);
    EXPECT_FALSE(limiter.take(Limited::lookups, ip("2001:db8::ffff:1"), {}, start).allowed);
    EXPECT_TRUE(limiter.take(Limited::lookups, ip("2001:db8:0:1::1"), {}, start).allowed);
}

TEST(RateLimit, AKeyHasALimitBesideItsAddress) {
    RateLimiter limiter{limits(1, 1, 3)};
    EXPECT_TRUE(limiter.take(Limited::reports, ip("192.0.2.1"), "alice", start).allowed);
    EXPECT_TRUE(limiter.take(Limited::reports, ip("192.0.2.2"), "alice", start).allowed);
    EXPECT_TRUE(limiter.take(Limited::reports, ip("192.0.2.3"), "alice", start).allowed);
    EXPECT_FALSE(limiter.take(Limited::reports, ip("192.0.2.4"), "alice", start).allowed) << "the key's is spent";
    const auto other = limiter.take(Limited::reports, ip("192.0.2.4"), "bob", start);
    EXPECT_TRUE(other.allowed);
    EXPECT_EQ(other.remaining, 2U) << "what was refused was charged to nobody";
    // Made-up keys open no new bucket for their address.
    for (const char* key : {"k1", "k2", "k3"}) (void)limiter.take(Limited::reports, ip("192.0.2.9"), key, start);
    EXPECT_FALSE(limiter.take(Limited::reports, ip("192.0.2.9"), "k4", start).allowed);
}

TEST(RateLimit, APriceAboveTheBucketIsTheBucket) {
    RateLimiter limiter{limits(5)};
    EXPECT_TRUE(limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start, 1000).allowed);
    EXPECT_FALSE(limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start).allowed);
}

TEST(RateLimit, NoLimitIsNoLimit) {
    RateLimiter limiter{limits(0)};
    for (int i = 0; i < 1000; ++i) {
        const auto taken = limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start);
        ASSERT_TRUE(taken.allowed);
        ASSERT_EQ(taken.limit, 0U);
    }
}

TEST(RateLimit, TheTableStaysAndWhoIsSpentIsRememberedLongest) {
    RateLimiter limiter{limits(600)}; // 64 places
    for (int i = 0; i < 600; ++i) ASSERT_TRUE(limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start).allowed);
    for (std::uint32_t i = 0; i < 10'000; ++i)
        ASSERT_TRUE(limiter.take(Limited::lookups, Address::v4(0x0a000000U + i), {}, start).allowed);
    EXPECT_FALSE(limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start).allowed);
}

TEST(RateLimit, AClockThatIsSetBackLocksNobodyOut) {
    RateLimiter limiter{limits(6)};
    for (int i = 0; i < 6; ++i) (void)limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start);
    const auto earlier = start - 24h;
    EXPECT_LE(limiter.take(Limited::lookups, ip("192.0.2.1"), {}, earlier).retry_after, 60s);
    EXPECT_TRUE(limiter.take(Limited::lookups, ip("192.0.2.1"), {}, start + 60s).allowed);
}

} // namespace
} // namespace provenbl::tools::api
