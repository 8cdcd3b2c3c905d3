// What a query is answered from: the index, and the point of the journal that it stands for.
//
// A plain value, free of the store, so that whatever answers from it can be tested without one.
#pragma once

#include "zones/index.hpp"

#include <cstdint>

namespace provenbl::zones {

struct Snapshot {
    Index index;
    std::uint64_t sequence = 0; // of the journal: what the index has seen
    [[nodiscard]] std::uint32_t serial() const { return static_cast<std::uint32_t>(sequence); }
};

} // namespace provenbl::zones
