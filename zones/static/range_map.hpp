// Which value holds at an address: ranges between their borders, laid out once, then only read.
//
// A look-up is one binary search whatever overlapped in the file; a single address that stands alone costs two borders.
// Neighbours differ in their value, which is what lets any_within be a binary search as well.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace provenbl::zones::statics {

__extension__ using Key6 = unsigned __int128; // an IPv6 address, the first bit on top
using Key4 = std::uint32_t;

// What is listed at a place: a value of the set's table, or a list of them (values.hpp). 0: nothing.
using Ref = std::uint32_t;
inline constexpr Ref nothing = 0;

template <class Key> class RangeMap {
public:
    // From here on `ref` holds. Keys ascend.
    void append(Key from, Ref ref) {
        if (ref == (refs_.empty() ? nothing : refs_.back())) return;
        from_.push_back(from);
        refs_.push_back(ref);
    }
    void shrink() {
        from_.shrink_to_fit();
        refs_.shrink_to_fit();
    }

    [[nodiscard]] Ref find(Key key) const {
        const auto next = behind(key);
        return next == 0 ? nothing : refs_[next - 1];
    }
    // Whether anything is listed from `first` to `last`.
    [[nodiscard]] bool any_within(Key first, Key last) const {
        const auto next = behind(first);
        if (next > 0 && refs_[next - 1] != nothing) return true;
        // What follows nothing is something.
        return next < from_.size() && from_[next] <= last;
    }
    [[nodiscard]] std::size_t borders() const { return from_.size(); }

private:
    // The place of the first border behind `key`.
    [[nodiscard]] std::size_t behind(Key key) const {
        return static_cast<std::size_t>(std::upper_bound(from_.begin(), from_.end(), key) - from_.begin());
    }
    std::vector<Key> from_; // ascending
    std::vector<Ref> refs_; // one each
};

} // namespace provenbl::zones::statics
