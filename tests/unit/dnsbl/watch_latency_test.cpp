#include "dnsbl/watch/latency.hpp"

#include <gtest/gtest.h>

namespace provenbl::dnsbl::watch {
namespace {

using namespace std::chrono_literals;

// Every value lies below its bucket's end and not below the end of the one before.
TEST(Latency, BucketsFollowEachOtherWithoutGaps) {
    for (std::size_t bucket = 0; bucket + 1 < latency::buckets; ++bucket) {
        const auto end = latency::end_of(bucket);
        ASSERT_EQ(latency::bucket_of(end - 1), bucket);
        ASSERT_EQ(latency::bucket_of(end), bucket + 1);
    }
    EXPECT_EQ(latency::bucket_of(~0ULL), latency::buckets - 1);
}

TEST(Latency, ABucketIsAtMostAnEighthWide) {
    for (std::uint64_t value = 8; value < 60'000'000'000; value = value * 5 / 4) {
        const auto end = latency::end_of(latency::bucket_of(value));
        EXPECT_GT(end, value);
        EXPECT_LE(static_cast<double>(end), static_cast<double>(value) * 1.125 + 1) << value;
    }
}

TEST(Latency, PercentilesComeFromAllRecords) {
    LatencyRecord one;
    LatencyRecord other;
    one.add(1us, 98);
    other.add(1ms, 1);
    other.add(1h, 1);
    other.add(-1ns, 0); // a clock that went back is no fault of ours
    LatencySum sum;
    EXPECT_EQ(sum.within(0.5), 0U);
    one.add_to(sum);
    other.add_to(sum);
    EXPECT_EQ(sum.total(), 100U);
    EXPECT_NEAR(static_cast<double>(sum.within(0.5)), 1000, 125);
    EXPECT_NEAR(static_cast<double>(sum.within(0.98)), 1000, 125);
    EXPECT_NEAR(static_cast<double>(sum.within(0.99)), 1e6, 125'000);
    EXPECT_EQ(sum.within(1), latency::end_of(latency::buckets - 1));
}

} // namespace
} // namespace provenbl::dnsbl::watch
