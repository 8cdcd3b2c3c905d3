// How old a serial of ours is: what a mirror's lag is told by.
#pragma once

#include "store/clock.hpp"
#include "store/store.hpp"

#include <cstdint>

namespace provenbl::tools::api {

struct SerialAge {
    std::uint64_t last = 0;   // our position in the journal, or that of the last definition of the zones
    std::uint64_t behind = 0; // changes that it lacks; of the catalog 1, however many definitions that are
    bool ahead = false;       // we never had it
    bool at_least = false;    // what came between may have been trimmed: it is older than `since`
    Time since{};             // of the first change that it lacks; none: it lacks nothing
    Duration age{};           // since then
};

// Of a list or a policy zone.
[[nodiscard]] SerialAge age_of(const ReadTxn& txn, std::uint32_t serial, Time now);
// Of the catalog, which moves only when the zones are defined anew (zones/snapshot.hpp).
[[nodiscard]] SerialAge catalog_age_of(const ReadTxn& txn, std::uint32_t serial, Time now);

} // namespace provenbl::tools::api
