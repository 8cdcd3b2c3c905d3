// One dnstap message (dnstap.proto) as bytes: Protocol Buffers, written on the path of an answer and therefore by
// hand, without allocating. Pure.
#pragma once

#include "dnsbl/watch/observation.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace provenbl::dnsbl::watch {

inline constexpr std::string_view dnstap_content_type = "protobuf:dnstap.Dnstap";

enum class DnstapType : std::uint8_t { auth_query = 1, auth_response = 2 };

struct DnstapOrigin {
    std::string_view identity; // empty: not sent
    std::string_view version;
};

// Room that is enough for everything but the texts of the origin, the messages and the zone.
inline constexpr std::size_t dnstap_overhead = 160;

// Written so that it ends where `out` ends: lengths are known when they are due. Returns the message, or nothing when
// there is too little room. A response holds the query, too. `zone`: its apex in wire form, or empty.
[[nodiscard]] std::span<std::uint8_t> write_dnstap(std::span<std::uint8_t> out, DnstapType type,
                                                   const Observation& seen, std::span<const std::uint8_t> zone,
                                                   const DnstapOrigin& origin);

} // namespace provenbl::dnsbl::watch
