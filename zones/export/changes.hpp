// What has become of a zone's listings since a serial: the journal, condensed to one change of each address.
#pragma once

#include "store/address.hpp"
#include "store/listing_class.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <vector>

namespace provenbl::zones::exports {

struct Changed {
    Address address; // of a /64 its base
    ClassSet before; // of the zone's classes; never the same as after
    ClassSet after;
};

struct Changes {
    std::uint64_t from = 0; // serials: what held before, what holds with the changes
    std::uint64_t to = 0;
    unsigned ipv6_bits = 128;
    std::vector<Changed> list; // by address, each once
};

// Entries of the journal that are read at most: a bound of memory (24 bytes each).
inline constexpr std::size_t most_changes = 4'000'000;

// Errors: expired when the difference can't be told any more (the journal begins later, the zones' definition changed
// or the list was shut down in between, there are too many changes): who asks takes the whole file. Invalid for a
// serial that was never reached.
[[nodiscard]] Result<Changes> changes_since(const ReadTxn& txn, ClassSet classes, std::uint64_t from,
                                            std::size_t at_most = most_changes);

} // namespace provenbl::zones::exports
