#include "tests/bench/latency_histogram.hpp"

#include <gtest/gtest.h>

namespace provenbl::bench {
namespace {

using namespace std::chrono_literals;

TEST(LatencyHistogram, IsZeroWhenEmpty) {
    const LatencyHistogram histogram;
    EXPECT_EQ(histogram.quantile(0.5), 0ns);
    EXPECT_EQ(histogram.longest(), 0ns);
}

TEST(LatencyHistogram, QuantilesAreWithinASixteenth) {
    LatencyHistogram histogram;
    for (int i = 1; i <= 100'000; ++i) histogram.add(std::chrono::microseconds{i});
    for (const double part : {0.01, 0.5, 0.9, 0.99, 0.999}) {
        const auto wanted = std::chrono::nanoseconds{static_cast<std::int64_t>(part * 1e8)};
        EXPECT_GE(histogram.quantile(part), wanted) << part;
        EXPECT_LE(histogram.quantile(part), wanted + wanted / 16 + 1us) << part;
    }
    EXPECT_EQ(histogram.quantile(1), 100ms);
    EXPECT_EQ(histogram.longest(), 100ms);
}

TEST(LatencyHistogram, TakesAnyDuration) {
    LatencyHistogram histogram;
    histogram.add(-5ns); // clocks of two threads
    histogram.add(0ns);
    histogram.add(24h);
    EXPECT_LE(histogram.quantile(0.1), 32ns);
    EXPECT_EQ(histogram.longest(), 24h);
}

} // namespace
} // namespace provenbl::bench
