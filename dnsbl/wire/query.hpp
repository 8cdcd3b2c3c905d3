// Reading what clients send: RFC 1035 section 4, RFC 6891 (OPT), RFC 7873 (cookies), RFC 7828 (keepalive), RFC 8945
// section 5.1 (where a TSIG stands), RFC 9619 (one question; none only to ask for a cookie, RFC 7873 section 5.4).
//
// Pure and strict: the packet is hostile. What other parsers let pass is FORMERR here: a compression pointer
// in the question, two OPTs, an OPT with an owner, options that reach past their RDATA, pointers that point
// forward or into the header, records beyond those counted, a cookie of no legal size, trailing octets. A response (QR)
// is dropped, so that two servers never talk in circles. Nothing is allocated.
#pragma once

#include "dnsbl/wire/protocol.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace provenbl::dnsbl::wire {

struct Edns {
    std::uint16_t udp_size = 0; // what the client can take
    std::uint8_t version = 0;
    bool dnssec_ok = false;
    bool wants_nsid = false;
    bool keepalive = false;      // the client knows edns-tcp-keepalive
    bool keepalive_data = false; // ... and says a time, which only a server may (RFC 7828 section 3)
    // The first COOKIE option's data, of a legal size; empty when there is none.
    std::span<const std::uint8_t> cookie;
};

struct Query {
    std::uint16_t id = 0;
    std::uint8_t opcode = 0;
    bool recursion_desired = false;
    // As sent, with the client's own upper and lower case (0x20); empty when no question could be read.
    std::span<const std::uint8_t> question; // name, type, class
    std::size_t name_size = 0;              // of the name, with its root label
    std::uint16_t type = 0;
    std::uint16_t cls = 0;
    std::optional<Edns> edns;
    bool tsig = false;

    [[nodiscard]] bool has_question() const { return !question.empty(); }
    [[nodiscard]] std::span<const std::uint8_t> name() const { return question.first(name_size); }
    [[nodiscard]] std::span<const std::uint8_t> lower_name() const { return {lower.data(), name_size}; }
    // Only the first name_size octets are set.
    std::array<std::uint8_t, longest_name> lower;
};

enum class Reading : std::uint8_t {
    query,     // a QUERY that can be answered; without a question it has a cookie
    other,     // another opcode; the question was read if it could be
    malformed, // FORMERR; header and perhaps question were read
    drop,      // no header, or a response: no answer at all
};

// `packet` must outlive the query.
[[nodiscard]] Reading read_query(std::span<const std::uint8_t> packet, Query& query);

} // namespace provenbl::dnsbl::wire
