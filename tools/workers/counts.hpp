// What the coordinator has counted since it began.
#pragma once

#include <cstddef>
#include <cstdint>

namespace provenbl::tools::workers {

struct CoordinatorCounts {
    std::uint64_t given = 0;    // visits given out
    std::uint64_t returned = 0; // results taken in
    std::uint64_t lost = 0;     // leases whose worker fell silent
    std::uint64_t refused = 0;  // messages: forged, unknown, repeated, out of place
    std::uint64_t at_home = 0;  // visits that nobody took
    std::size_t out = 0;        // at the moment
    std::size_t workers = 0;    // that are registered
    bool connected = false;     // to NATS
};

} // namespace provenbl::tools::workers
