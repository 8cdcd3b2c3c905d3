// DNSBL names of addresses, both ways (RFC 5782 sections 2.1 and 2.4).
//
// 192.0.2.99 is "99.2.0.192"; an IPv6 address is its 32 nibbles reversed, in lower-case hexadecimal.
// Relative to a zone: no apex, no trailing dot.
#pragma once

#include "store/address.hpp"

#include <string>
#include <string_view>

namespace provenbl {

[[nodiscard]] std::string reversed_name(const Address& address);

// The inverse. Refuses leading zeros ("02"), octets over 255, and any other number of labels than 4 or 32.
// A v4-mapped nibble name gives the IPv4 host.
[[nodiscard]] Result<Address> parse_reversed_name(std::string_view name);

} // namespace provenbl
