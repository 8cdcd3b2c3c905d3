// How long answers take, as a histogram: log-linear buckets of nanoseconds, eight to each doubling, so that a
// percentile is at most 12.5 % too high. From 0 to 69 seconds; what is longer falls into the last bucket.
#pragma once

#include "dnsbl/watch/counter.hpp"

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace provenbl::dnsbl::watch {

namespace latency {

inline constexpr unsigned steps_bits = 3;
inline constexpr unsigned doublings = 36;
inline constexpr std::size_t buckets = (doublings - steps_bits + 1) << steps_bits;

[[nodiscard]] constexpr std::size_t bucket_of(std::uint64_t nanoseconds) {
    if (nanoseconds < (1U << steps_bits)) return static_cast<std::size_t>(nanoseconds);
    const auto exponent = static_cast<unsigned>(std::bit_width(nanoseconds)) - 1;
    if (exponent >= doublings) return buckets - 1;
    const auto step = (nanoseconds >> (exponent - steps_bits)) & ((1U << steps_bits) - 1);
    return ((exponent - steps_bits + 1) << steps_bits) + static_cast<std::size_t>(step);
}

// The least that is too much for the bucket.
[[nodiscard]] constexpr std::uint64_t end_of(std::size_t bucket) {
    if (bucket < (1U << steps_bits)) return bucket + 1;
    const auto exponent = static_cast<unsigned>(bucket >> steps_bits) + steps_bits - 1;
    const auto step = std::uint64_t{bucket & ((1U << steps_bits) - 1)};
    return ((1ULL << steps_bits) + step + 1) << (exponent - steps_bits);
}

} // namespace latency

// What readers work with.
struct LatencySum {
    std::array<std::uint64_t, latency::buckets> counts{};

    [[nodiscard]] std::uint64_t total() const {
        std::uint64_t sum = 0;
        for (const auto count : counts) sum += count;
        return sum;
    }
    // So many nanoseconds were enough for this share (0 to 1) of the answers; 0 without answers.
    [[nodiscard]] std::uint64_t within(double share) const {
        const auto wanted = std::ceil(share * static_cast<double>(total()));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            seen += counts[i];
            if (seen > 0 && static_cast<double>(seen) >= wanted) return latency::end_of(i);
        }
        return 0;
    }
};

// One thread's.
class LatencyRecord {
public:
    // `answers` took so long, each: a batch is one measurement.
    void add(std::chrono::nanoseconds took, std::uint64_t answers) {
        const auto nanoseconds = took.count() > 0 ? static_cast<std::uint64_t>(took.count()) : 0;
        counts_[latency::bucket_of(nanoseconds)].add(answers);
    }
    void add_to(LatencySum& sum) const {
        for (std::size_t i = 0; i < counts_.size(); ++i) sum.counts[i] += counts_[i].get();
    }

private:
    std::array<Counter, latency::buckets> counts_;
};

} // namespace provenbl::dnsbl::watch
