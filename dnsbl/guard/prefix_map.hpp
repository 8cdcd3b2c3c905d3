// Which of many prefixes is the most specific one that holds an address. Built once, then only read.
//
// The prefixes are laid out as the ranges between their borders, so a look-up is one binary search whatever overlaps.
#pragma once

#include "store/address.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace provenbl::dnsbl::guard {

class PrefixMap {
public:
    static constexpr std::uint32_t none = 0xffffffff;

    PrefixMap() = default;
    // Of two equal prefixes the first counts.
    explicit PrefixMap(std::span<const Prefix> prefixes);

    // The prefix's place in what the map was made of; `none` when no prefix holds the address.
    [[nodiscard]] std::uint32_t find(const Address& address) const;
    [[nodiscard]] bool empty() const { return ranges_.empty(); }

private:
    struct Range {
        Address from; // up to the next range
        std::uint32_t value;
    };
    std::vector<Range> ranges_; // ascending
};

} // namespace provenbl::dnsbl::guard
