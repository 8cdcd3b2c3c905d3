// The frozen base of one address family: sorted keys with a class set each, never changed after `seal`.
//
// IPv4 keys are split: 65,537 offsets by the upper 16 bits, and the lower 16 bits of each entry. With the
// octet of classes that is about 3 bytes an entry; a look-up is one bucket and a short binary search.
// IPv6 keys are two 64-bit words in host order.
#pragma once

#include "zones/class_counts.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace provenbl::zones {

struct Key6 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    auto operator<=>(const Key6&) const = default;
};

// Keys ascend strictly; `lower_bound` is the number of keys below the given one.
class Keys4 {
public:
    using Key = std::uint32_t;

    Keys4() : offsets_(buckets + 1, 0) {}
    void reserve(std::size_t entries) { low_.reserve(entries); }
    void append(Key key) {
        low_.push_back(static_cast<std::uint16_t>(key));
        ++offsets_[(key >> 16U) + 1];
    }
    void seal() {
        low_.shrink_to_fit();
        for (std::size_t bucket = 0; bucket < buckets; ++bucket) offsets_[bucket + 1] += offsets_[bucket];
    }
    [[nodiscard]] std::size_t size() const { return low_.size(); }
    [[nodiscard]] std::size_t lower_bound(Key key) const {
        const auto* first = low_.data() + offsets_[key >> 16U];
        const auto* last = low_.data() + offsets_[(key >> 16U) + 1];
        return static_cast<std::size_t>(std::lower_bound(first, last, static_cast<std::uint16_t>(key)) - low_.data());
    }
    [[nodiscard]] std::optional<std::size_t> find(Key key) const {
        const auto at = lower_bound(key);
        if (at < offsets_[(key >> 16U) + 1] && low_[at] == static_cast<std::uint16_t>(key)) return at;
        return std::nullopt;
    }
    // How many keys are at most `key`.
    [[nodiscard]] std::size_t upper_bound(Key key) const {
        return key == std::numeric_limits<Key>::max() ? size() : lower_bound(key + 1);
    }
    // visit(key, position), in order; returns at the first false.
    template <class Visit> bool each(Visit&& visit) const {
        for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
            for (std::size_t at = offsets_[bucket]; at < offsets_[bucket + 1]; ++at) {
                if (!visit(static_cast<Key>(bucket << 16U | low_[at]), at)) return false;
            }
        }
        return true;
    }
    [[nodiscard]] std::size_t memory() const {
        return offsets_.capacity() * sizeof(offsets_[0]) + low_.capacity() * sizeof(low_[0]);
    }

private:
    static constexpr std::size_t buckets = 65536;
    std::vector<std::uint32_t> offsets_;
    std::vector<std::uint16_t> low_;
};

class Keys6 {
public:
    using Key = Key6;

    void reserve(std::size_t entries) { keys_.reserve(entries); }
    void append(Key key) { keys_.push_back(key); }
    void seal() { keys_.shrink_to_fit(); }
    [[nodiscard]] std::size_t size() const { return keys_.size(); }
    [[nodiscard]] std::size_t lower_bound(Key key) const {
        return static_cast<std::size_t>(std::lower_bound(keys_.begin(), keys_.end(), key) - keys_.begin());
    }
    [[nodiscard]] std::size_t upper_bound(Key key) const {
        return static_cast<std::size_t>(std::upper_bound(keys_.begin(), keys_.end(), key) - keys_.begin());
    }
    [[nodiscard]] std::optional<std::size_t> find(Key key) const {
        const auto at = lower_bound(key);
        if (at < keys_.size() && keys_[at] == key) return at;
        return std::nullopt;
    }
    template <class Visit> bool each(Visit&& visit) const {
        for (std::size_t at = 0; at < keys_.size(); ++at) {
            if (!visit(keys_[at], at)) return false;
        }
        return true;
    }
    [[nodiscard]] std::size_t memory() const { return keys_.capacity() * sizeof(Key); }

private:
    std::vector<Key> keys_;
};

template <class Keys> class Frozen {
public:
    using Key = typename Keys::Key;

    void reserve(std::size_t entries) {
        keys_.reserve(entries);
        sets_.reserve(entries);
    }
    void append(Key key, std::uint8_t set) {
        keys_.append(key);
        sets_.push_back(set);
    }
    void seal() {
        keys_.seal();
        sets_.shrink_to_fit();
        counts_.rebuild(sets_);
    }

    [[nodiscard]] std::size_t size() const { return sets_.size(); }
    // 0 when the key is absent.
    [[nodiscard]] std::uint8_t find(Key key) const {
        const auto at = keys_.find(key);
        return at ? sets_[*at] : std::uint8_t{0};
    }
    [[nodiscard]] PerClass within(Key first, Key last) const {
        return counts_.within(sets_, keys_.lower_bound(first), keys_.upper_bound(last));
    }
    template <class Visit> bool each(Visit&& visit) const {
        return keys_.each([&](Key key, std::size_t at) { return visit(key, sets_[at]); });
    }
    [[nodiscard]] std::size_t memory() const { return keys_.memory() + sets_.capacity() + counts_.memory(); }

private:
    Keys keys_;
    std::vector<std::uint8_t> sets_;
    ClassCounts counts_;
};

} // namespace provenbl::zones
