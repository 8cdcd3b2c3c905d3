// What a query is answered from: the index, and the point of the journal that it stands for.
//
// A plain value, free of the store, so that whatever answers from it can be tested without one.
#pragma once

#include "zones/index.hpp"
#include "zones/zone.hpp"

#include <cstdint>
#include <string>

namespace provenbl::zones {

struct Snapshot {
    Index index;
    std::uint64_t sequence = 0; // of the journal: what the index has seen
    // The zone set that this sequence belongs to (ZoneSet::digest), and since which sequence; empty: unknown.
    std::string definition = {};
    std::uint64_t defined_at = 0;
    [[nodiscard]] std::uint32_t serial() const { return static_cast<std::uint32_t>(sequence); }
    // A catalog changes with the definition of the zones alone, so only then does its serial move.
    [[nodiscard]] std::uint64_t sequence_of(const Zone& zone) const {
        return zone.is_catalog() ? defined_at : sequence;
    }
    [[nodiscard]] std::uint32_t serial_of(const Zone& zone) const {
        return static_cast<std::uint32_t>(sequence_of(zone));
    }
};

} // namespace provenbl::zones
