// What an export is made of: the entries of one zone as they stand in one snapshot.
//
// Only what has a class of the zone, 127.0.0.1 never, a list that is shut down has none. Where IPv6 is listed by /64,
// an entry covers that network; all else is one address. Pure: the store is not touched.
#pragma once

#include "zones/snapshot.hpp"
#include "zones/zone_table.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace provenbl::zones::exports {

// All that a writer reads. Lives shorter than what it refers to.
struct View {
    const ZoneTable& table;
    const Zone& zone;
    const Snapshot& snapshot;
};

struct Entry {
    const Node& node; // with address, classes and codes
    unsigned length;  // of the prefix that it covers: 32, 128 or 64
    bool test;        // exists in every such zone (RFC 5782 section 5), and is nobody's listing

    [[nodiscard]] bool is_host() const { return length == node.address.bits(); }
    [[nodiscard]] Prefix covered() const { return Prefix::of(node.address, length); }
    // "192.0.2.99", "2001:db8:1:2::/64".
    [[nodiscard]] std::string text() const { return is_host() ? node.address.to_string() : covered().to_string(); }
};

enum class TestEntries : bool { without, with };

// In order: IPv4, with the test entries in their places, then IPv6; until visit returns false. Returns how many
// listings were visited; test entries don't count.
std::uint64_t walk_entries(const View& view, TestEntries tests, const std::function<bool(const Entry&)>& visit);

// The test entries, ascending; none of a list that is shut down.
[[nodiscard]] std::vector<Node> test_nodes(const View& view);
// An address that no listing of this zone can have: a test entry's, or 127.0.0.1.
[[nodiscard]] bool is_reserved(const Zone& zone, const Address& address);

// The TXT of an entry. Of a /64 it speaks of the network's first address, which any look-up page knows.
[[nodiscard]] std::string reason(const Zone& zone, const Node& node);

} // namespace provenbl::zones::exports
