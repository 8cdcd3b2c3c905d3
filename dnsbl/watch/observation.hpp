// One message and what became of it, as it is shown to the query log and to dnstap once its answer has been sent.
#pragma once

#include "dnsbl/exchange.hpp"

#include <chrono>
#include <cstdint>
#include <span>

namespace provenbl::dnsbl::watch {

using WallTime = std::chrono::system_clock::time_point;

struct Observation {
    const Asker& asker;
    const Endpoint& server; // that was asked; port 0: not known
    std::span<const std::uint8_t> message;
    const Outcome& outcome;
    std::span<const std::uint8_t> answer; // empty: none
    WallTime received;
    WallTime sent;
};

} // namespace provenbl::dnsbl::watch
