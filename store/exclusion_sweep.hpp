// What an exclusion has still to take off the list. What goes on with it is sweeps.hpp.
#pragma once

#include "store/address.hpp"

#include <cstdint>
#include <string>

namespace provenbl {

// There while an exclusion's sweep is under way; it goes on from where it was, whoever was interrupted.
struct ExclusionSweep {
    Prefix prefix = Prefix::of(Address{}, 32); // of the exclusion
    std::string cursor;                        // the address key that it has come to; empty at the beginning
    std::uint64_t delisted = 0;
    bool operator==(const ExclusionSweep&) const = default;
};

} // namespace provenbl
