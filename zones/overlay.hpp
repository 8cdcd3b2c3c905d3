// The recent changes of one address family, sorted: they hide what the frozen base says.
//
// An entry keeps what the address is now and what the base says of it, so that running totals of the
// difference correct the base's class counts for any range. An entry is never dropped while its base lives,
// even when it comes to equal the base again: whoever rebases on a base compiled meanwhile needs the last word
// on every address that was ever touched.
#pragma once

#include "zones/class_counts.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace provenbl::zones {

template <class Key> class Overlay {
public:
    struct Entry {
        Key key;
        std::uint8_t now;
        std::uint8_t base;
    };

    Overlay() : totals_(1) {}
    // Entries ascend strictly.
    explicit Overlay(std::vector<Entry> entries) : entries_(std::move(entries)), totals_(1) {
        totals_.reserve(entries_.size() + 1);
        for (const auto& entry : entries_) {
            auto total = totals_.back();
            add(total, entry.now, 1);
            add(total, entry.base, -1);
            totals_.push_back(total);
        }
    }

    [[nodiscard]] std::optional<std::uint8_t> find(Key key) const {
        const auto at = lower_bound(key);
        if (at < entries_.size() && entries_[at].key == key) return entries_[at].now;
        return std::nullopt;
    }
    // What the entries of [first, last] add to the base's counts (or take from them).
    [[nodiscard]] PerClass difference(Key first, Key last) const {
        auto to = lower_bound(last);
        if (to < entries_.size() && entries_[to].key == last) ++to;
        auto counts = totals_[to];
        const auto& before = totals_[lower_bound(first)];
        for (std::size_t bit = 0; bit < class_lanes; ++bit) counts[bit] -= before[bit];
        return counts;
    }
    [[nodiscard]] std::span<const Entry> entries() const { return entries_; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] std::size_t memory() const {
        return entries_.capacity() * sizeof(Entry) + totals_.capacity() * sizeof(PerClass);
    }

private:
    [[nodiscard]] std::size_t lower_bound(Key key) const {
        const auto less = [](const Entry& entry, const Key& wanted) { return entry.key < wanted; };
        return static_cast<std::size_t>(std::lower_bound(entries_.begin(), entries_.end(), key, less) -
                                        entries_.begin());
    }
    std::vector<Entry> entries_;
    std::vector<PerClass> totals_; // totals_[i]: of the first i entries
};

} // namespace provenbl::zones
