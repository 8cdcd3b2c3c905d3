#include "tests/bench/latency_histogram.hpp"

#include <algorithm>
#include <bit>

namespace provenbl::bench {

void LatencyHistogram::add(Duration latency) {
    const auto value = static_cast<std::uint64_t>(std::max<Duration::rep>(latency.count(), steps));
    const auto power = static_cast<unsigned>(std::bit_width(value)) - 5; // value >> power is 16 to 31
    const auto bucket = std::min<std::size_t>(power * steps + (value >> power) - steps, buckets_.size() - 1);
    ++buckets_[bucket];
    ++count_;
    longest_ = std::max(longest_, latency);
}

LatencyHistogram::Duration LatencyHistogram::quantile(double part) const {
    auto left = static_cast<std::uint64_t>(part * static_cast<double>(count_));
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        if (buckets_[bucket] > left || (count_ != 0 && bucket + 1 == buckets_.size())) {
            const auto edge = (steps + bucket % steps + 1) << (bucket / steps);
            return std::min(Duration{static_cast<Duration::rep>(edge)}, longest_);
        }
        left -= buckets_[bucket];
    }
    return {};
}

} // namespace provenbl::bench
