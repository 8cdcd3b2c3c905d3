// One question and its answer, as everything sees it that limits, counts or logs: who asked, and what came of it.
#pragma once

#include "dnsbl/wire/protocol.hpp"
#include "store/address.hpp"

#include <cstddef>
#include <cstdint>

namespace provenbl::dnsbl {

enum class Transport : std::uint8_t { udp, tcp };

struct Asker {
    Transport transport = Transport::udp;
    Endpoint client;
};

// What the responder did with one message.
struct Outcome {
    static constexpr std::uint16_t none = 0xffff;

    std::size_t size = 0;                     // of the answer; 0: no answer is due
    wire::Rcode rcode = wire::Rcode::noerror; // of the answer
    std::uint16_t type = 0;                   // that was asked for; 0: no question could be read
    std::uint16_t zone = none;                // that answered: its place in the ZoneTable
    bool listed = false;                      // the name is an entry of the zone, asked for whatever type
    bool truncated = false;                   // TC: the client should come back over TCP
};

} // namespace provenbl::dnsbl
