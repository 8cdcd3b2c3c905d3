// A data set as it was read: what stays in memory, and what its files say of the zone that they are for. Immutable.
//
// A combined set has parts, each for some subzones; every other set is one part for the zone itself.
#pragma once

#include "zones/static/domain_set.hpp"
#include "zones/static/range_map.hpp"
#include "zones/static/record_set.hpp"
#include "zones/static/specials.hpp"
#include "zones/static/values.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace provenbl::zones::statics {

struct Part {
    std::variant<RangeMap<Key4>, RangeMap<Key6>, DomainSet, RecordSet> contents;
    ValueTable values;
    std::optional<std::uint32_t> ttl; // $TTL
};

struct Subzone {
    std::string key; // names.hpp; empty: the zone itself
    std::size_t labels = 0;
    std::vector<std::size_t> parts;
};

struct DataSet {
    std::vector<Part> parts;
    std::vector<Subzone> subzones; // those with more labels first
    bool combined = false;         // its subzones exist even where they are empty
    std::optional<SoaLine> soa;
    std::optional<NsLine> name_servers;
    std::int64_t expires = 0; // seconds since 1970; 0: never
    std::uint32_t newest = 0; // when the newest of the files was changed: the serial where $SOA gives none
    std::size_t entries = 0;  // lines that list or exclude something, or give a record
};

} // namespace provenbl::zones::statics
