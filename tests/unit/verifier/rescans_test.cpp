#include "verifier/rescans.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;

constexpr Time noon{std::chrono::hours(24 * 365 * 50)};
constexpr std::uint32_t latest = 0xffffffff;

TEST(Rescans, NeverComeEarly) {
    const PolicyRules rules;
    EXPECT_EQ(first_rescan(rules, noon, 0), noon + 24h);
    EXPECT_EQ(next_rescan(rules, noon, 0), noon + 24h);
}

TEST(Rescans, ComeDailyAfterTheFirst) {
    const PolicyRules rules;
    EXPECT_LT(first_rescan(rules, noon, latest), noon + 48h);
    EXPECT_LE(next_rescan(rules, noon, latest), noon + 25h);
}

// A batch of 24,000 that was listed in one second: after a few days every hour of the day has its share.
TEST(Rescans, SpreadABatchOverTheDay) {
    const PolicyRules rules;
    std::mt19937 random(7);
    for (const int days : {1, 3, 10}) {
        std::array<int, 24> hours{};
        for (int host = 0; host < 24'000; ++host) {
            auto due = first_rescan(rules, noon, static_cast<std::uint32_t>(random()));
            for (int day = 1; day < days; ++day) due = next_rescan(rules, due, static_cast<std::uint32_t>(random()));
            const auto into_day = (due - noon) % Duration(24h);
            ++hours.at(static_cast<std::size_t>(into_day / Duration(1h)));
        }
        for (const auto count : hours) {
            EXPECT_GT(count, 850) << "after " << days << " visits";
            EXPECT_LT(count, 1150) << "after " << days << " visits";
        }
    }
}

TEST(Rescans, TheirJitterIsTheTokensOwn) {
    TokenId id{};
    id[0] = 0x80;
    EXPECT_EQ(jitter_of(id), 0x80000000U);
    EXPECT_EQ(first_rescan(PolicyRules{}, noon, jitter_of(id)), noon + 36h);
}

} // namespace
} // namespace provenbl::verifier
