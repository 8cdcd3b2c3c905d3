// All records of a zone but its SOA, in an order that can be taken up again: what a transfer sends (RFC 5936).
//
// Who holds them answers as the responder does: apex, our hosts, the cuts to zones further down with the addresses that
// are needed there (RFC 5936 section 3.5), test entries (RFC 5782 section 5) and what is listed; empty non-terminals
// follow from these. A list that is shut down has its apex, hosts and cuts alone.
// Where IPv6 is listed by /64, such a network is a wildcard: `*` before its 16 nibbles. There a holder says more than
// we do: every name below exists, also one that is no address, and the TXT names the network's first address, not the
// one that was asked for. Immutable and pure: nothing is copied from the index, and the walk stops and goes on
// anywhere.
#pragma once

#include "zones/index.hpp"
#include "zones/zone.hpp"
#include "zones/zone_table.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace provenbl::zones {

// The labels above the apex at which an address is listed: RFC 5782 sections 2.1 and 2.4. In wire form, without a root
// label.
class ListedName {
public:
    // `ipv6_bits` as the index has it: with 64 the address is the first of its network, and the name a wildcard.
    ListedName(const Address& address, unsigned ipv6_bits);
    // Of ::ffff:a.b.c.d; only test entries have such a name. `v4`: host order.
    static ListedName mapped(std::uint32_t v4);
    // In a policy zone; of a /64 where `ipv6_bits` is 64.
    static ListedName policy(const Address& address, unsigned ipv6_bits, rpz::Trigger trigger);
    [[nodiscard]] std::span<const std::uint8_t> labels() const { return {labels_.data(), size_}; }

private:
    ListedName() = default;
    void octet(std::uint8_t value);
    void nibbles(std::span<const std::uint8_t> bytes); // the most significant first
    std::array<std::uint8_t, 64> labels_{};
    std::size_t size_ = 0;
};

enum class ContentKind : std::uint8_t {
    name_server,    // NS
    mail_exchanger, // MX
    address,        // A or AAAA of a host, or of a policy
    alias,          // CNAME
    pointer,        // PTR
    text,           // TXT
    entry,          // an A for each code, and a TXT
};

// One record, or all records of an entry.
struct Content {
    ContentKind kind = ContentKind::entry;
    std::span<const std::uint8_t> owner = {}; // the labels above the apex; none: the apex. Lives as long as the visit
    std::uint32_t ttl = 0;
    const DomainName* target = nullptr; // of NS, MX, CNAME and PTR
    Address address = {};               // of a host
    Node node = {};                     // of an entry
    std::string_view text = {};         // of TXT, at most 255 octets
};

class Contents {
public:
    // Both must outlive this; the zone is one of the table's.
    Contents(const ZoneTable& table, const Zone& zone);

    // How far a walk has come. A new one is at the beginning.
    struct Cursor {
        std::size_t fixed = 0;
        std::size_t test = 0;
        std::optional<Address> listed; // the last one
    };
    using Visit = std::function<bool(const Content&)>;
    // Visits what is left until `visit` returns false; what that refused comes again. True when nothing is left.
    // One index for the whole of a walk.
    bool walk(const Index& index, Cursor& cursor, const Visit& visit) const;

    // Where an address is listed in this zone.
    [[nodiscard]] ListedName name(const Address& address, unsigned ipv6_bits) const;
    // Whether a listing makes other records than it did.
    [[nodiscard]] bool differs(ClassSet before, ClassSet after) const;
    // What a listing of this address adds to the zone, if anything. `name` is the address's.
    [[nodiscard]] std::optional<Content> listed(const Address& address, ClassSet classes, const ListedName& name) const;

    [[nodiscard]] const Zone& zone() const { return zone_; }

private:
    struct Kept {
        std::vector<std::uint8_t> owner;
        Content content; // without its owner
    };
    [[nodiscard]] static Content whole(const Kept& kept);
    [[nodiscard]] bool is_apart(const Address& address) const;
    void add(std::span<const std::uint8_t> owner, Content content);
    void add_servers(const Zone& of);
    void add_addresses(const Zone& of, const DomainName& host);
    void add_test_entry(const ListedName& name);

    const Zone& zone_;
    std::vector<Kept> fixed_;
    std::vector<Kept> tests_;
};

} // namespace provenbl::zones
