// DNS cookies: RFC 7873 (the option), RFC 9018 (what every server of an anycast set computes alike).
//
// A client cookie is 8 octets of the client's choice; ours is 16: version 1, three reserved octets, a time, and
// SipHash-2-4 over client cookie, those 8 octets and the client's address. It takes no memory and proves that the
// client receives what is sent to its address. Pure: the time comes as an argument.
#pragma once

#include "dnsbl/wire/siphash.hpp"
#include "store/address.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace provenbl::dnsbl::wire {

inline constexpr std::size_t client_cookie_size = 8;
inline constexpr std::size_t server_cookie_size = 16;
// Client and server cookie as we send them.
using WholeCookie = std::array<std::uint8_t, client_cookie_size + server_cookie_size>;

// RFC 7873 section 5.2: 8 octets, or 8 and a server cookie of 8 to 32; everything else is FORMERR.
[[nodiscard]] constexpr bool is_cookie_size(std::size_t octets) {
    return octets == client_cookie_size || (octets >= client_cookie_size + 8 && octets <= client_cookie_size + 32);
}

// The first signs, all of them verify: a new secret is known to every server before one of them signs with it
// (RFC 9018 section 5). Empty: cookies are not spoken.
using CookieSecrets = std::vector<SipKey>;

enum class CookieState : std::uint8_t {
    none,        // the client sent none
    client_only, // it has none of ours yet
    invalid,     // not ours, of another address, or too old
    valid,       // it receives what we send to its address
};

struct CheckedCookie {
    CookieState state = CookieState::none;
    WholeCookie answer{}; // what to send back, unless the state is `none`
};

// `cookie`: the option's data, of a size that is_cookie_size accepts, or nothing. `now`: Unix seconds.
// A server cookie is good for an hour, and 5 minutes ahead for clocks that differ (RFC 9018 section 4.3); one of half
// an hour, or signed with an older secret, is answered with a new one.
[[nodiscard]] CheckedCookie check_cookie(std::span<const std::uint8_t> cookie, const Address& client,
                                         const CookieSecrets& secrets, std::uint32_t now);

} // namespace provenbl::dnsbl::wire
