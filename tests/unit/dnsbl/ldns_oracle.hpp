// Answers read by ldns, an independent implementation: what it can't read, we must not send.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace provenbl::dnsbl::testing {

struct OracleAnswer {
    unsigned id = 0;
    unsigned opcode = 0;
    unsigned rcode = 0; // with the OPT's upper bits
    bool qr = false, aa = false, tc = false, rd = false, ra = false, ad = false, cd = false;
    // "1.2.0.192.bl.example. 120 IN A 127.0.0.2"; questions without TTL.
    std::vector<std::string> questions, answers, authorities, additionals;
    bool edns = false;
    unsigned edns_size = 0, edns_version = 0;
    bool dnssec_ok = false;
    std::optional<unsigned> extended_error;
    std::optional<std::string> nsid;

    [[nodiscard]] std::string flags() const; // "qr aa rd"
};

// Fails the test when ldns can't read it.
[[nodiscard]] OracleAnswer read_with_ldns(std::span<const std::uint8_t> message);

} // namespace provenbl::dnsbl::testing
