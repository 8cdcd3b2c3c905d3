// Special-purpose addresses (RFC 6890, with the IANA registries' later additions, multicast and class E).
//
// None of them is ever probed or listed: a packet to them is at best lost, at worst lands on our own
// machines. The lab unlocks prefixes (loopback) explicitly; see verifier/gate.hpp.
#pragma once

#include "store/address.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace provenbl {

struct SpecialPurpose {
    std::string_view prefix; // "127.0.0.0/8"
    std::string_view name;   // "Loopback"
    std::string_view source; // "RFC 1122, section 3.2.1.3"
};

// The whole table, for documentation pages and tests.
[[nodiscard]] std::span<const SpecialPurpose> special_purpose_table();

// The most specific row that holds the address, or nothing for an ordinary global address. Addresses that
// embed an IPv4 address (6to4, NAT64, Teredo) are special as a whole.
[[nodiscard]] std::optional<SpecialPurpose> special_purpose(const Address& address);

} // namespace provenbl
