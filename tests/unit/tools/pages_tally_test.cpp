#include "tools/pages/tally.hpp"

#include <gtest/gtest.h>

namespace provenbl::tools::pages {
namespace {

using namespace std::chrono_literals;

constexpr Time day(int number) {
    return Time{std::chrono::hours{24} * number};
}

Change change(Time at, ClassSet before, ClassSet after, ChangeReason reason = ChangeReason::proven) {
    Change made;
    made.at = at;
    made.before = before;
    made.after = after;
    made.reason = reason;
    return made;
}

const ClassSet none;
const ClassSet relay{ListingClass::relay};
const ClassSet both{ListingClass::relay, ListingClass::socks};

TEST(PagesTally, CountsDaysWithoutGaps) {
    Tally tally;
    tally.add_to_history(change(day(10), none, relay), {});
    tally.add_to_history(change(day(10) + 5h, none, relay), {});
    tally.add_to_history(change(day(12), relay, none, ChangeReason::secured), day(10));
    tally.add_to_history(change(day(12), relay, both), {}); // neither came nor went
    const auto today = std::chrono::floor<std::chrono::days>(day(13));
    const auto days = tally.days(today, 30);
    ASSERT_EQ(days.size(), 4U);
    EXPECT_EQ(days[0].listed, 2U);
    EXPECT_EQ(days[1], (DayCount{std::chrono::floor<std::chrono::days>(day(11)), 0, 0}));
    EXPECT_EQ(days[2].delisted, 1U);
    EXPECT_EQ(tally.days(today, 2).size(), 2U);
    EXPECT_EQ(tally.ended(ChangeReason::secured), 1U);
    EXPECT_EQ(tally.lasted()[3], 1U) << "two days are less than a week";
}

TEST(PagesTally, KeepsAYear) {
    Tally tally;
    for (int i = 0; i < 2000; ++i) tally.add_to_history(change(day(i), none, relay), {});
    const auto today = std::chrono::floor<std::chrono::days>(day(1999));
    EXPECT_EQ(tally.days(today, 5000).size(), Tally::kept_days);
    // A clock that was set back by years spoils nothing.
    tally.add_to_history(change(day(3), none, relay), {});
    EXPECT_EQ(tally.days(today, 5000).size(), Tally::kept_days);
}

TEST(PagesTally, AHostOfTwoClassesIsOneHost) {
    Tally tally;
    tally.begin_with(relay);
    tally.add_to_standing(change(day(1), none, both));
    EXPECT_EQ(tally.listed(), 2U);
    EXPECT_EQ(tally.listed_in(relay), 2U);
    EXPECT_EQ(tally.listed_in({ListingClass::socks}), 1U);
    EXPECT_EQ(tally.listed_in({ListingClass::http}), 0U);
    tally.add_to_standing(change(day(2), both, {ListingClass::socks}));
    EXPECT_EQ(tally.listed_in(relay), 1U);
    tally.add_to_standing(change(day(3), {ListingClass::socks}, none));
    EXPECT_EQ(tally.listed(), 1U);
    // What is no host's (the zones' definition changed) counts for nothing.
    tally.add_to_standing(change(day(4), none, none, ChangeReason::configuration));
    EXPECT_EQ(tally.listed(), 1U);
}

} // namespace
} // namespace provenbl::tools::pages
