#include "zones/class_counts.hpp"

#include <algorithm>

namespace provenbl::zones {
namespace {

// Bit i of an octet becomes the value 1 in octet i of a 64-bit word.
constexpr auto spread = [] {
    std::array<std::uint64_t, 256> table{};
    for (unsigned set = 0; set < table.size(); ++set) {
        for (unsigned bit = 0; bit < class_lanes; ++bit) table[set] |= std::uint64_t{set >> bit & 1U} << (8 * bit);
    }
    return table;
}();

void add_run(PerClass& counts, std::span<const std::uint8_t> sets) {
    std::uint64_t lanes = 0;
    for (const auto set : sets) lanes += spread[set];
    for (unsigned bit = 0; bit < class_lanes; ++bit)
        counts[bit] += static_cast<std::int32_t>(lanes >> (8 * bit) & 0xffU);
}

} // namespace

void add(PerClass& counts, std::uint8_t set, std::int32_t times) {
    for (unsigned bit = 0; bit < class_lanes; ++bit) counts[bit] += static_cast<std::int32_t>(set >> bit & 1U) * times;
}

void ClassCounts::rebuild(std::span<const std::uint8_t> sets) {
    totals_.clear();
    totals_.reserve(sets.size() / block + 1);
    PerClass running{};
    for (std::size_t at = 0; at < sets.size(); at += block) {
        totals_.push_back(running);
        add_run(running, sets.subspan(at, std::min(block, sets.size() - at)));
    }
    // A position at the very end, on a block's edge, has a total of its own.
    totals_.push_back(running);
}

PerClass ClassCounts::below(std::span<const std::uint8_t> sets, std::size_t position) const {
    const auto start = position / block * block;
    // The last total is that of the end, not of the last block's start, when the last block is not full.
    const bool at_end = position == sets.size();
    auto counts = at_end ? totals_.back() : totals_[position / block];
    if (!at_end) add_run(counts, sets.subspan(start, position - start));
    return counts;
}

PerClass ClassCounts::within(std::span<const std::uint8_t> sets, std::size_t from, std::size_t to) const {
    if (from >= to) return {};
    auto counts = below(sets, to);
    const auto before = below(sets, from);
    for (unsigned bit = 0; bit < class_lanes; ++bit) counts[bit] -= before[bit];
    return counts;
}

} // namespace provenbl::zones
