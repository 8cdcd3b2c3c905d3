// Prefixes, access lists, the rate limiter, the file of cookie secrets: each by itself.
#include "dnsbl/guard/access_list.hpp"
#include "dnsbl/guard/cookie_secrets.hpp"
#include "dnsbl/guard/rate_limit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

namespace provenbl::dnsbl::guard {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

Address at(const char* text) {
    return Address::parse(text).value();
}
Prefix net(const char* text) {
    return Prefix::parse(text).value();
}

TEST(PrefixMap, TheMostSpecificPrefixWins) {
    const std::vector<Prefix> prefixes{net("192.0.2.0/24"),    net("0.0.0.0/0"),    net("192.0.2.128/25"),
                                       net("192.0.2.255"),     net("192.0.2.0/24"), net("2001:db8::/32"),
                                       net("2001:db8:1::/48"), net("255.0.0.0/8")};
    const PrefixMap map(prefixes);
    const std::vector<std::pair<const char*, std::uint32_t>> table{
        {"192.0.2.0", 0},
        {"192.0.2.127", 0},
        {"192.0.2.128", 2},
        {"192.0.2.254", 2},
        {"192.0.2.255", 3},
        {"192.0.3.0", 1},
        {"0.0.0.0", 1},
        {"254.255.255.255", 1},
        {"255.255.255.255", 7},
        {"::", PrefixMap::none},
        {"2001:db7:ffff::", PrefixMap::none},
        {"2001:db8::", 5},
        {"2001:db8:0:ffff::1", 5},
        {"2001:db8:1::1", 6},
        {"2001:db8:2::", 5},
        {"2001:db9::", PrefixMap::none},
        {"ffff::", PrefixMap::none},
    };
    for (const auto& [address, expected] : table) EXPECT_EQ(map.find(at(address)), expected) << address;
    EXPECT_EQ(PrefixMap().find(at("192.0.2.1")), PrefixMap::none);
    const std::vector<Prefix> all6{net("::/0")};
    EXPECT_EQ(PrefixMap(all6).find(at("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")), 0U);
    EXPECT_EQ(PrefixMap(all6).find(at("255.255.255.255")), PrefixMap::none);
}

// Against the obvious: go through all of them.
TEST(PrefixMap, AgreesWithALinearSearch) {
    std::mt19937 random(9);
    for (int round = 0; round < 200; ++round) {
        std::vector<Prefix> prefixes;
        for (int i = 0; i < 40; ++i) {
            // Few distinct addresses, so that they nest.
            const auto address = Address::v4((random() & 0xf00f000fU) | 0x0a000000U);
            prefixes.push_back(Prefix::of(address, static_cast<unsigned>(random() % 33)));
        }
        const PrefixMap map(prefixes);
        for (int i = 0; i < 200; ++i) {
            const auto address = Address::v4((random() & 0xf00f000fU) | 0x0a000000U);
            auto best = PrefixMap::none;
            for (std::uint32_t k = 0; k < prefixes.size(); ++k) {
                if (!prefixes[k].contains(address)) continue;
                if (best == PrefixMap::none || prefixes[k].length() > prefixes[best].length()) best = k;
            }
            ASSERT_EQ(map.find(address), best) << address.to_string();
        }
    }
}

TEST(AccessList, SaysNothingOfMostClients) {
    const AccessList none;
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.find(at("192.0.2.1")), nullptr);
    const AccessList some({{net("192.0.2.0/24"), AccessAction::drop, {}}, {net("192.0.2.7"), AccessAction::allow, {}}});
    EXPECT_EQ(some.find(at("192.0.2.1"))->action, AccessAction::drop);
    EXPECT_EQ(some.find(at("192.0.2.7"))->action, AccessAction::allow);
    EXPECT_EQ(some.find(at("192.0.3.7")), nullptr);
    EXPECT_EQ(some.find(at("2001:db8::1")), nullptr);
}

class RateLimit : public ::testing::Test {
protected:
    SystemEntropy entropy_; // whatever it gives, the rules hold
    Time now_{1'800'000'000'000ms};
    RateLimitSettings settings_{.answers_per_second = 100, .errors_per_second = 10, .exempt = {}};

    // How many of `tries` are admitted.
    int admitted(RateLimiter& limiter, const char* client, int tries, AnswerKind kind = AnswerKind::answer) const {
        int count = 0;
        for (int i = 0; i < tries; ++i) count += limiter.admit(at(client), kind, now_) ? 1 : 0;
        return count;
    }
};

TEST_F(RateLimit, ABurstAndThenTheRate) {
    RateLimiter limiter(settings_, entropy_);
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 1000), 100);
    now_ += 500ms;
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 1000), 50);
    now_ += 10ms;
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 1000), 1);
    now_ += 1h; // what is saved up is bounded
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 1000), 100);
}

TEST_F(RateLimit, IsOfANetwork) {
    RateLimiter limiter(settings_, entropy_);
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 60), 60);
    EXPECT_EQ(admitted(limiter, "192.0.2.254", 60), 40);
    EXPECT_EQ(admitted(limiter, "2001:db8:0:100::1", 60), 60);
    EXPECT_EQ(admitted(limiter, "2001:db8:0:1ff:ffff::", 60), 40); // the same /56
    settings_.ipv4_prefix = 32;
    settings_.ipv6_prefix = 64;
    RateLimiter narrow(settings_, entropy_);
    EXPECT_EQ(admitted(narrow, "192.0.2.1", 150), 100);
    EXPECT_EQ(admitted(narrow, "2001:db8:0:100::1", 150), 100);
}

// Networks may share a place, but of so many only few do.
TEST_F(RateLimit, OfManyNetworksFewMeet) {
    settings_.ipv4_prefix = 32;
    RateLimiter limiter(settings_, entropy_);
    int whole = 0;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        int count = 0;
        for (int k = 0; k < 100; ++k)
            count += limiter.admit(Address::v4(0x0a000000U + i), AnswerKind::answer, now_) ? 1 : 0;
        whole += count == 100 ? 1 : 0;
    }
    EXPECT_GT(whole, 900);
}

TEST_F(RateLimit, ErrorsHaveALimitOfTheirOwn) {
    RateLimiter limiter(settings_, entropy_);
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 1000, AnswerKind::error), 10);
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 50), 50);
}

TEST_F(RateLimit, NothingIsUnlimited) {
    settings_.answers_per_second = 0;
    RateLimiter limiter(settings_, entropy_);
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 100'000), 100'000);
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 100, AnswerKind::error), 10);
}

TEST_F(RateLimit, TheExemptAreNotCounted) {
    settings_.exempt = {net("192.0.2.0/25"), net("2001:db8::/32")};
    RateLimiter limiter(settings_, entropy_);
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 1000), 1000);
    EXPECT_EQ(admitted(limiter, "2001:db8::1", 1000), 1000);
    // The first of them was counted: of an idle network it is not asked who is exempt.
    EXPECT_EQ(admitted(limiter, "192.0.2.129", 1000), 99);
    RateLimitSettings by_default;
    by_default.answers_per_second = 1;
    RateLimiter loopback(by_default, entropy_);
    EXPECT_EQ(admitted(loopback, "127.0.0.1", 1000), 1000);
    EXPECT_EQ(admitted(loopback, "::1", 1000), 1000);
}

TEST_F(RateLimit, AClockThatGoesBackForgives) {
    RateLimiter limiter(settings_, entropy_);
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 1000), 100);
    now_ -= 24h;
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 1000), 100);
}

TEST_F(RateLimit, ARateBelowOneABurstStillAdmitsOne) {
    settings_.answers_per_second = 1;
    settings_.burst = 10ms;
    RateLimiter limiter(settings_, entropy_);
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 10), 1);
    now_ += 999ms;
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 10), 0);
    now_ += 1ms;
    EXPECT_EQ(admitted(limiter, "192.0.2.1", 10), 1);
}

TEST(CookieSecrets, AreReadLineByLine) {
    const auto read = parse_cookie_secrets("# ours\n\n  E5e973e5a6b2a43f48e7dc849e37bfcf\r\n"
                                           "445536bcd2513298075a5d379663c962");
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ((*read)[0][0], 0xe5);
    EXPECT_EQ((*read)[1][15], 0x62);
}

TEST(CookieSecrets, WhatIsWrongIsSaidWithoutTheSecret) {
    const auto complaint = [](std::string_view text) {
        const auto read = parse_cookie_secrets(text);
        return read ? std::string() : read.error().message;
    };
    EXPECT_THAT(complaint(""), HasSubstr("openssl rand -hex 16"));
    EXPECT_THAT(complaint("# only this\n"), HasSubstr("there is no secret"));
    for (const char* line : {"\nabc", "\nzz5536bcd2513298075a5d379663c962", "\n445536bcd2513298075a5d379663c96",
                             "\n445536bcd2513298075a5d379663c962 x"}) {
        EXPECT_THAT(complaint(line), HasSubstr("line 2 is no secret"));
        EXPECT_THAT(complaint(line), ::testing::Not(HasSubstr("5536")));
    }
    std::string many;
    for (int i = 0; i < 17; ++i) many += "445536bcd2513298075a5d379663c962\n";
    EXPECT_THAT(complaint(many), HasSubstr("more than 16"));
}

TEST(CookieSecrets, AFileThatCannotBeReadIsAnError) {
    const auto missing = load_cookie_secrets("/nonexistent/cookie-secret");
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message, HasSubstr("/nonexistent/cookie-secret: No such file"));
    EXPECT_FALSE(load_cookie_secrets("/dev/zero"));
    EXPECT_FALSE(load_cookie_secrets("/"));
}

} // namespace
} // namespace provenbl::dnsbl::guard
