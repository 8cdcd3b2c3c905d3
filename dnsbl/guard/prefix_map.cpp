#include "dnsbl/guard/prefix_map.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

namespace provenbl::dnsbl::guard {
namespace {

// The address behind the prefix's last one, of either family; none behind the very last.
std::optional<Address> behind(const Prefix& prefix) {
    std::array<std::uint8_t, 16> bytes{};
    const auto base = prefix.base().bytes();
    std::copy(base.begin(), base.end(), bytes.begin());
    // Adds one to the last bit of the prefix.
    for (auto bit = prefix.length(); bit-- > 0;) {
        auto& octet = bytes[bit / 8];
        const auto mask = static_cast<std::uint8_t>(0x80U >> bit % 8);
        octet ^= mask;
        if ((octet & mask) != 0) return Address::from_bytes({bytes.data(), base.size()});
    }
    // IPv6 comes after IPv4.
    if (prefix.base().is_v4()) return Address::v6({});
    return std::nullopt;
}

} // namespace

PrefixMap::PrefixMap(std::span<const Prefix> prefixes) {
    std::vector<std::uint32_t> order(prefixes.size());
    std::iota(order.begin(), order.end(), 0U);
    // Outer ones first: what is inside comes right after what it is inside of.
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
        if (prefixes[a].base() != prefixes[b].base()) return prefixes[a].base() < prefixes[b].base();
        return prefixes[a].length() < prefixes[b].length();
    });
    std::vector<std::uint32_t> open;
    const auto begin = [&](const Address& from, std::uint32_t value) {
        if (!ranges_.empty() && ranges_.back().from == from)
            ranges_.back().value = value;
        else
            ranges_.push_back({from, value});
    };
    const auto close = [&] {
        const auto next = behind(prefixes[open.back()]);
        open.pop_back();
        if (next) begin(*next, open.empty() ? none : open.back());
    };
    for (const auto i : order) {
        while (!open.empty() && !prefixes[open.back()].contains(prefixes[i].base())) close();
        if (!open.empty() && prefixes[open.back()] == prefixes[i]) continue;
        begin(prefixes[i].base(), i);
        open.push_back(i);
    }
    while (!open.empty()) close();
}

std::uint32_t PrefixMap::find(const Address& address) const {
    const auto next = std::upper_bound(ranges_.begin(), ranges_.end(), address,
                                       [](const Address& wanted, const Range& range) { return wanted < range.from; });
    return next == ranges_.begin() ? none : std::prev(next)->value;
}

} // namespace provenbl::dnsbl::guard
