// How many entries of each class stand in any range of a frozen sequence of class sets, in constant time.
//
// Counts, not OR-masks: counts can be corrected by the overlay's removals, so "is there still an entry of
// this class below this prefix" stays exact without a walk over the range. Running totals are kept at every
// `block` entries (a quarter of a byte for each entry); the rest of a block is added up eight classes at a time.
#pragma once

#include "store/listing_class.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace provenbl::zones {

inline constexpr std::size_t class_lanes = 8;
// A class set is kept in one octet.
static_assert(all_listing_classes.size() <= class_lanes);

using PerClass = std::array<std::int32_t, class_lanes>;

class ClassCounts {
public:
    static constexpr std::size_t block = 128; // below 256, so that eight one-octet counters can't overflow

    void rebuild(std::span<const std::uint8_t> sets);
    // Of entries [from, to); `sets` as given to rebuild.
    [[nodiscard]] PerClass within(std::span<const std::uint8_t> sets, std::size_t from, std::size_t to) const;
    [[nodiscard]] std::size_t memory() const { return totals_.capacity() * sizeof(PerClass); }

private:
    [[nodiscard]] PerClass below(std::span<const std::uint8_t> sets, std::size_t position) const;
    std::vector<PerClass> totals_; // of all entries before each block
};

// Each class's count raised by one where the set holds the class.
void add(PerClass& counts, std::uint8_t set, std::int32_t times);

} // namespace provenbl::zones
