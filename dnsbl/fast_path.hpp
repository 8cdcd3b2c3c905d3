// The hot path: what mail servers really ask, answered from templates without reading the message twice.
//
// It takes a QUERY with one question, class IN, for a reversed IPv4 or IPv6 address below the apex of a zone of ours
// (RFC 5782 sections 2.1 and 2.4), over UDP, without EDNS or with an OPT of version 0 without options (RFC 6891).
// All else it leaves to Responder::respond, which is the truth: the templates are learned from its answers when this is
// made, and what the two say is compared then and in the tests.
//
// Three steps, so that a batch can be read, its cache lines be asked for, and then be answered: the memory's delay is
// paid once for a batch, not for each query. No allocation, no lock; safe to call from many threads.
#pragma once

#include "dnsbl/exchange.hpp"
#include "dnsbl/fast_path_learning.hpp"
#include "dnsbl/responder.hpp"
#include "zones/snapshot.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace provenbl::dnsbl {

// A question that the hot path has read. `taken` says whether it is one for it at all.
struct FastQuestion {
    bool taken = false;
    bool v6 = false;
    bool with_opt = false;
    bool dnssec_ok = false;     // of the OPT
    bool single_digits = false; // four labels that may be nibbles of a longer name
    std::uint8_t zone = 0;      // of FastPath's own
    std::uint16_t type = 0;     // asked for
    std::uint16_t apex_at = 0;  // from the start of the message
    std::uint16_t question_end = 0;
    std::uint16_t limit = 0; // of the answer, its OPT included
    std::uint32_t v4 = 0;    // host order
    std::uint64_t v6_high = 0;
    std::uint64_t v6_low = 0;
    zones::Tree4::Place place; // of v4 in the index
    zones::SetBits found = 0;  // the classes that it is listed with, of whatever zone
};

class FastPath {
public:
    // Learns from the responder, which must outlive this. A zone whose answers don't follow the patterns is left to it.
    explicit FastPath(const Responder& responder);

    // Step 1. Looks at the message alone.
    [[nodiscard]] FastQuestion read(std::span<const std::uint8_t> message) const;
    // Step 2, for a batch: what the index says of them. Those that were not taken are passed over.
    static void find(std::span<FastQuestion> questions, const zones::Snapshot& snapshot);
    // Step 3, for one that was taken, with the snapshot of step 2. False: it is one for the general path after all (an
    // empty non-terminal, an answer that needs TC). `out` takes Responder::smallest_buffer octets.
    [[nodiscard]] bool answer(std::span<const std::uint8_t> message, const FastQuestion& question,
                              const zones::Snapshot& snapshot, std::span<std::uint8_t> out, Outcome& outcome) const;
    // All three, for one message.
    [[nodiscard]] bool try_respond(std::span<const std::uint8_t> message, const zones::Snapshot& snapshot,
                                   std::span<std::uint8_t> out, Outcome& outcome) const;

    // How many zones are answered here.
    [[nodiscard]] std::size_t zones() const { return zones_.size(); }

private:
    struct Zone {
        const zones::Zone* zone = nullptr;
        std::uint16_t position = 0; // in the ZoneTable
        // The apex with its root label, in words of eight octets from its end on; `keep` clears the bit that upper
        // and lower case differ in, and what stands before the apex.
        struct Word {
            std::uint64_t value = 0;
            std::uint64_t keep = 0;
        };
        std::size_t apex_size = 0;
        std::vector<Word> apex;
        ZoneTemplates templates;
        [[nodiscard]] bool ends_at(const std::uint8_t* end) const;
    };
    void add(const zones::Zone& zone, std::uint16_t position, ZoneTemplates templates);
    void sort_zones();
    [[nodiscard]] bool says_the_same(const Responder& responder, const Zone& zone) const;
    [[nodiscard]] bool find_zone(const std::uint8_t* apex, const std::uint8_t* end, FastQuestion& question) const;
    [[nodiscard]] std::size_t write_text(const Zone& zone, const FastQuestion& question, ClassSet classes,
                                         std::span<std::uint8_t> out) const;

    std::vector<Zone> zones_;                       // by the size of the apex
    std::array<std::uint8_t, 256> first_of_size_{}; // into zones_
    std::uint16_t edns_size_;
};

} // namespace provenbl::dnsbl
