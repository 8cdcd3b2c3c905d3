// Finding a TSIG record in a message and reading it: RFC 8945 section 4.2. Inside dnsbl/wire only.
//
// Pure and strict: the message is hostile. The record must be the last of the additional section, of class ANY and TTL
// 0, its RDATA whole; its owner may be compressed (BIND does), the algorithm's name may not. Nothing is allocated.
#pragma once

#include "dnsbl/wire/protocol.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace provenbl::dnsbl::wire {

// In wire form, lower-case, with its root label.
struct LowerName {
    std::array<std::uint8_t, longest_name> octets{};
    std::uint8_t size = 0;

    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {octets.data(), size}; }
};

struct TsigRecord {
    std::size_t start = 0; // in the message
    LowerName key;
    LowerName algorithm;
    std::uint64_t time_signed = 0;
    std::uint16_t fudge = 0;
    std::span<const std::uint8_t> mac; // into the message, as `other`
    std::uint16_t original_id = 0;
    std::uint16_t error = 0;
    std::span<const std::uint8_t> other;
};

enum class TsigSearch : std::uint8_t { absent, found, malformed };

[[nodiscard]] TsigSearch find_tsig(std::span<const std::uint8_t> message, TsigRecord& record);

} // namespace provenbl::dnsbl::wire
