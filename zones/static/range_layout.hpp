// Overlapping ranges of a file -> the ranges between their borders, each with what holds there.
//
// The most specific level that covers an address decides: prefix lengths for the tries, and for ip4set the sizes that
// it cuts its ranges into (whole /8, /16, /24, single addresses). On that level an exclusion outweighs all, else every
// value holds. The cost is that of sorting.
#pragma once

#include "zones/static/range_map.hpp"
#include "zones/static/values.hpp"

#include <cstdint>
#include <vector>

namespace provenbl::zones::statics {

template <class Key> struct Range {
    Key first = 0;
    Key last = 0;
    Ref value = nothing; // nothing: an exclusion
    std::uint8_t level = 0;
};

// Of ranges that are the same and on the same level the first counts where `first_counts`; the others are counted in
// `repeated`. Null pointer: they all count.
template <class Key>
[[nodiscard]] RangeMap<Key> lay_out(std::vector<Range<Key>> ranges, ValueMaker& values, std::size_t* repeated);

// ip4set's way of cutting a range: calls `piece(first, last, level)`, level 0 for whole /8 to 3 for single addresses.
template <class Piece> void cut_into_octets(Key4 first, Key4 last, Piece piece) {
    for (std::uint8_t level = 3; level > 0; --level) {
        const auto block = ~Key4{0} >> (8U * level); // the addresses of one step on the next level, less one
        const auto whole_first = (first & block) == 0;
        const auto whole_last = (last & block) == block;
        if ((first | block) >= last) { // inside one block
            if (whole_first && whole_last)
                piece(first, last, static_cast<std::uint8_t>(level - 1));
            else
                piece(first, last, level);
            return;
        }
        if (!whole_first) {
            piece(first, first | block, level);
            first = (first | block) + 1;
        }
        if (!whole_last) {
            piece(last & ~block, last, level);
            last = (last & ~block) - 1;
        }
        if (first > last) return;
    }
    piece(first, last, 0);
}

} // namespace provenbl::zones::statics
