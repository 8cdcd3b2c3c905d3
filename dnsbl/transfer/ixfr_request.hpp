// What an IXFR question says beside its name: the serial that the client has (RFC 1995 section 3).
//
// The authority section holds the client's SOA of the zone, and nothing else. Pure and strict, as wire/query.hpp is,
// which has read the same octets before.
#pragma once

#include "dnsbl/wire/query.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace provenbl::dnsbl::transfer {

// `message`: what read_query found to be a well-formed IXFR question. Nothing when it has no SOA, one of another name
// or class, or one whose data are no SOA's: FORMERR.
[[nodiscard]] std::optional<std::uint32_t> client_serial(std::span<const std::uint8_t> message,
                                                         const wire::Query& query);

} // namespace provenbl::dnsbl::transfer
