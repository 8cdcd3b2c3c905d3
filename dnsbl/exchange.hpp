// One question and its answer, as everything sees it that limits, counts or logs: who asked, and what came of it.
#pragma once

#include "dnsbl/wire/protocol.hpp"
#include "store/address.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace provenbl::dnsbl {

enum class Transport : std::uint8_t { udp, tcp };

struct Asker {
    Transport transport = Transport::udp;
    Endpoint client;
};

// Why a message got no answer: no DNS question, longer than any that we answer, forbidden to its sender, or more
// than its sender may ask.
enum class Drop : std::uint8_t { unreadable, oversize, denied, limited };
inline constexpr std::array<std::string_view, 4> drop_names{"unreadable", "oversize", "denied", "limited"};

// What the responder did with one message.
struct Outcome {
    static constexpr std::uint16_t none = 0xffff;

    std::size_t size = 0;                     // of the answer; 0: no answer is due
    wire::Rcode rcode = wire::Rcode::noerror; // of the answer
    std::uint16_t type = 0;                   // that was asked for; 0: no question could be read
    std::uint16_t zone = none;                // that answered: its place in the ZoneTable
    bool listed = false;                      // the name is an entry of the zone, asked for whatever type
    bool truncated = false;                   // TC: the client should come back over TCP
    Drop drop = Drop::unreadable;             // only where no answer is due
};

} // namespace provenbl::dnsbl
