// A store that has lived for long: hosts that were listed and delisted many times, some of them listed now. Written
// straight into the tables, each in the order of its keys, because through the ledger it would take a day; consistent
// all the same (`provenbl check` finds nothing).
#pragma once

#include "store/address.hpp"

#include <cstdint>
#include <filesystem>

namespace provenbl::bench {

struct Life {
    std::uint64_t hosts = 100'000;
    std::uint64_t listed_every = 5; // every so many hosts is listed at the end
    std::uint64_t rounds = 10;      // even: each host is listed and delisted rounds/2 times before
    [[nodiscard]] std::uint64_t listed() const { return (hosts + listed_every - 1) / listed_every; }
    [[nodiscard]] std::uint64_t journal() const { return hosts * rounds + listed(); }
    // Of the host with this number, from 0; in ascending order, evenly spread over IPv4.
    [[nodiscard]] Address address(std::uint64_t number) const;
};

// The life ends now: nothing is so old that retention would forget it, and no visit is due for a year.
void write_life(const std::filesystem::path& directory, const Life& life);

} // namespace provenbl::bench
