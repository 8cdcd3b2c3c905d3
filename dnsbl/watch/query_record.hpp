// A line of the query log before it is text: what a thread copies out of its buffers. Fixed in size, so that a ring
// of them needs no allocation.
#pragma once

#include "dnsbl/watch/observation.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace provenbl::dnsbl::watch {

struct QueryRecord {
    WallTime time;
    Address client;
    Outcome outcome;
    Transport transport = Transport::udp;
    bool tls = false;
    std::uint8_t name_size = 0; // in wire form with the root label; 0: no question could be read
    std::uint8_t code_count = 0;
    std::array<std::uint32_t, 8> codes; // the A records of a listed name; a longer answer is cut
    std::array<std::uint8_t, wire::longest_name> name;
};

void fill(QueryRecord& record, const Observation& seen);

// The name of a message's first question, in wire form as it was sent; empty when there is none.
[[nodiscard]] std::span<const std::uint8_t> question_name(std::span<const std::uint8_t> message);

} // namespace provenbl::dnsbl::watch
