// NOTIFY as we send it, and what comes back: RFC 1996. Pure; what comes in is hostile.
#pragma once

#include "zones/zone.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace provenbl::dnsbl::transfer {

// "The zone has changed": with its SOA (RFC 1996 section 3.7), so that a secondary which has this serial already need
// not ask.
[[nodiscard]] std::vector<std::uint8_t> make_notify(const zones::Zone& zone, std::uint32_t serial, std::uint16_t id);

struct NotifyAnswer {
    std::uint16_t id = 0;
    std::uint8_t rcode = 0;
    // Of its question, in wire form and lower-case; empty when the answer has none.
    std::vector<std::uint8_t> zone;
};

// Nothing when it is no answer to a NOTIFY: a request, another opcode, another question than SOA IN, no DNS.
[[nodiscard]] std::optional<NotifyAnswer> read_notify_answer(std::span<const std::uint8_t> message);

} // namespace provenbl::dnsbl::transfer
