// How many entries there are, and how many of each class: kept up to date with every change.
#pragma once

#include "store/listing_class.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace provenbl::zones {

// A class set as the index keeps it: one octet, 0 for what is not listed.
using SetBits = std::uint8_t;
static_assert(all_listing_classes.size() <= 8);

struct ClassTotals {
    std::size_t entries = 0;
    std::array<std::size_t, all_listing_classes.size()> of_class{};

    void change(SetBits before, SetBits after) {
        const auto step = [](std::size_t& count, bool was, bool is) {
            if (is && !was) ++count;
            if (was && !is) --count;
        };
        step(entries, before != 0, after != 0);
        for (std::size_t cls = 0; cls < of_class.size(); ++cls)
            step(of_class[cls], (before >> cls & 1U) != 0, (after >> cls & 1U) != 0);
    }
};

} // namespace provenbl::zones
