// All zones that are served, and which of them a name belongs to: the one with the longest matching apex.
//
// A sublist ("relay.bl.example") is a zone of its own under the combined one; names at or below its apex are
// its own. Names with addresses (name servers, the mail exchanger) are placed in the zone that they belong
// to, whichever definition speaks of them.
#pragma once

#include "zones/definition.hpp"
#include "zones/snapshot.hpp"
#include "zones/zone.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace provenbl::zones {

class ZoneTable {
public:
    // Only of a set that `validate` accepts.
    explicit ZoneTable(const ZoneSet& set);

    // `name`: in wire form, lower-case, with its root label. Null when it is in none of our zones.
    [[nodiscard]] const Zone* find(std::span<const std::uint8_t> name) const;
    // The zone of ours that holds the cut to this one, or null.
    [[nodiscard]] const Zone* parent_of(const Zone& zone) const;
    [[nodiscard]] std::span<const Zone> zones() const { return zones_; }
    // Whether the snapshot's serial stands for these zones. When not, whoever writes the store knows others: under its
    // serial nobody may be given ours.
    [[nodiscard]] bool agrees(const Snapshot& snapshot) const {
        return snapshot.definition.empty() || snapshot.definition == definition_;
    }
    // The digest of the set that this was made of.
    [[nodiscard]] const std::string& definition() const { return definition_; }
    // The zone's place in zones().
    [[nodiscard]] std::size_t position(const Zone& zone) const {
        return static_cast<std::size_t>(&zone - zones_.data());
    }

private:
    void place(const std::string& name, std::span<const Address> addresses);
    std::vector<Zone> zones_; // never changes once built
    std::string definition_;  // the set's digest
};

} // namespace provenbl::zones
