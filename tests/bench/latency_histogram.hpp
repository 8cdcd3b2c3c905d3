// Latencies in buckets that are at most 1/16 wide, from a microsecond to a minute.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace provenbl::bench {

class LatencyHistogram {
public:
    using Duration = std::chrono::nanoseconds;
    void add(Duration latency);
    // The upper edge of the bucket that holds that part (0 to 1) of all; zero when there is nothing.
    [[nodiscard]] Duration quantile(double part) const;
    [[nodiscard]] Duration longest() const { return longest_; }

private:
    static constexpr unsigned steps = 16;
    std::array<std::uint64_t, 40 * steps> buckets_{};
    std::uint64_t count_ = 0;
    Duration longest_{};
};

} // namespace provenbl::bench
