// Ascending prefixes that don't overlap, put together into as few as cover the same addresses.
//
// Memory: what waits for its other half, one prefix of each length at most.
#pragma once

#include "store/address.hpp"

#include <functional>
#include <utility>
#include <vector>

namespace provenbl::zones::exports {

class PrefixMerger {
public:
    explicit PrefixMerger(std::function<void(const Prefix&)> emit) : emit_(std::move(emit)) {}

    // Comes after all that were added before.
    void add(const Prefix& prefix);
    // Nothing follows.
    void finish();

private:
    std::function<void(const Prefix&)> emit_;
    std::vector<Prefix> waiting_; // ascending; each lies in the missing half of the one before
};

} // namespace provenbl::zones::exports
