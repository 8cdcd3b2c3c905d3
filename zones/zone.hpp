// A zone as a view of what is listed: answers "what exists at this name" (RFC 5782, RFC 8020).
//
// The name tree is derived, never stored. A listed address with a class of the zone is an entry; every
// ancestor of an entry is an empty non-terminal; all else is absent. Both families live in one zone at every
// depth: "1.0.0.2" is the host 2.0.0.1 and an ancestor of 2001::/16 at once.
// Test entries (RFC 5782 section 5) exist whatever is listed: 127.0.0.2, one for each code of the zone, and
// the same under ::ffff:0:0/96. No other v4-mapped name exists, so that primary and mirrors hold the same
// names. 127.0.0.1 and ::ffff:127.0.0.1 never exist. Of a list that is shut down only the apex and our own hosts are
// left. Where IPv6 is listed by /64, every address in a listed /64 is an entry. Immutable once the table has placed its
// fixed hosts; pure.
#pragma once

#include "zones/catalog.hpp"
#include "zones/definition.hpp"
#include "zones/domain_name.hpp"
#include "zones/index.hpp"
#include "zones/rpz.hpp"
#include "zones/text_template.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace provenbl::zones {

enum class NodeKind : std::uint8_t {
    nothing,  // NXDOMAIN
    apex,     // SOA, NS, and what else the zone has at its top
    entry,    // a listed address or a test entry: A and TXT
    host,     // a name server or mail exchanger of ours: A and AAAA
    policy,   // a listed address in a policy zone: the action's CNAME, or an address
    property, // of a catalog: PTR or TXT
    empty,    // an empty non-terminal: exists, without records
};

struct Node {
    NodeKind kind = NodeKind::nothing;
    // Of an entry.
    Address address;
    ClassSet classes;
    std::array<std::uint32_t, all_listing_classes.size()> codes{}; // ascending, each once
    std::uint8_t code_count = 0;
    // Of a host. Lives as long as the zone.
    std::span<const Address> addresses;
    // Of a property; likewise.
    const CatalogRecord* record = nullptr;

    [[nodiscard]] std::span<const std::uint32_t> a_values() const { return {codes.data(), code_count}; }
};

class Zone {
public:
    // Only of definitions that `validate` accepts; anything else throws BadResult.
    explicit Zone(const ZoneDefinition& definition);
    explicit Zone(const ProbeDomain& domain);
    // Its apex, authority and hosts; what its files hold is zones/static/static_zone.hpp. `place`: among the static
    // zones.
    Zone(const StaticZoneDefinition& definition, std::size_t place);
    explicit Zone(const PolicyZoneDefinition& definition);
    Zone(const CatalogDefinition& definition, std::vector<CatalogRecord> records);

    // `relative`: the labels above the apex in wire form, lower-case, without a root label.
    [[nodiscard]] Node find(std::span<const std::uint8_t> relative, const Index& index) const;
    // What stands at the name of an address that is listed with these classes: an entry, or nothing where the zone has
    // none of them. For whoever walks an index; test entries are not in it.
    [[nodiscard]] Node entry(const Address& address, ClassSet listed) const;
    // The TXT of an entry; returns its length, at most 255.
    [[nodiscard]] std::size_t text(const Node& entry, std::span<std::uint8_t> out) const;

    // Whether the name is a host of ours, a cut, or an ancestor of one: there whatever is listed.
    [[nodiscard]] bool is_fixed(std::span<const std::uint8_t> relative) const {
        return find_fixed(relative) != nullptr;
    }

    [[nodiscard]] const DomainName& apex() const { return apex_; }
    [[nodiscard]] bool needs_key() const { return access_ == ZoneAccess::key; }
    // Its place among the static zones; absent: it is none of them.
    [[nodiscard]] std::optional<std::size_t> static_place() const { return static_place_; }
    [[nodiscard]] ClassSet classes() const { return classes_; }
    // What a listed address is answered with in a policy zone.
    struct Policy {
        rpz::Trigger trigger = rpz::Trigger::client_ip;
        ClassSet classes;
        std::optional<DomainName> target; // of its CNAME; else it has the address
        Address address;
    };
    [[nodiscard]] const std::optional<Policy>& policy() const { return policy_; }
    // The classes whose listings make records here, of whichever form.
    [[nodiscard]] ClassSet shown() const { return policy_ ? policy_->classes : classes_; }
    [[nodiscard]] bool is_catalog() const { return !records_.empty(); }
    [[nodiscard]] std::span<const CatalogRecord> catalog_records() const { return records_; }
    [[nodiscard]] const Soa& soa() const { return soa_; }
    [[nodiscard]] const DomainName& soa_mname() const { return soa_mname_; }
    [[nodiscard]] const DomainName& soa_rname() const { return soa_rname_; }
    [[nodiscard]] std::uint32_t ttl() const { return ttl_; }
    // Of the addresses of our own hosts.
    [[nodiscard]] std::uint32_t host_ttl() const { return mail_exchanger_ ? ttl_ : soa_.ttl; }
    [[nodiscard]] const std::vector<DomainName>& name_servers() const { return name_servers_; }
    [[nodiscard]] const std::optional<DomainName>& mail_exchanger() const { return mail_exchanger_; }
    // IPv4 addresses that are test entries, ascending.
    [[nodiscard]] std::span<const std::uint32_t> test_entries() const { return test_entries_; }

    // The same for an address in text form and classes of the zone that are not empty.
    [[nodiscard]] std::size_t text(std::string_view address, ClassSet classes, std::span<std::uint8_t> out) const {
        return text_.render(address, classes, out);
    }
    // None of the placed names, hosts and cuts, lies below an octet or a nibble next to the apex; so whole reversed
    // addresses are derived names, all of them.
    [[nodiscard]] bool keeps_numbers_free() const;

    // A name that is there whatever is listed; without addresses it is a cut, or an ancestor of another.
    struct Fixed {
        std::vector<std::uint8_t> relative; // the labels above the apex
        std::vector<Address> addresses;
    };
    // By name.
    [[nodiscard]] std::span<const Fixed> fixed_names() const { return fixed_; }

    // For the table: a name with addresses (none for a mere cut) exists in this zone, and so do its ancestors.
    void place(const DomainName& name, std::span<const Address> addresses);

private:
    struct Labels;
    void read_authority(const Soa& soa, const std::vector<NameServer>& servers);
    Fixed& fixed(std::span<const std::uint8_t> relative);
    [[nodiscard]] const Fixed* find_fixed(std::span<const std::uint8_t> relative) const;
    [[nodiscard]] Node policy_node(std::span<const std::uint8_t> relative, const Index& index) const;
    [[nodiscard]] Node derived(std::span<const std::uint8_t> relative, const Index& index) const;
    [[nodiscard]] Node derived4(const Labels& labels, const Index& index) const;
    [[nodiscard]] Node derived6(const Labels& labels, const Index& index) const;
    [[nodiscard]] bool is_test(std::uint32_t address) const;
    [[nodiscard]] bool test_within(std::uint32_t first, unsigned length) const;
    [[nodiscard]] Node test_entry(std::uint32_t address) const;

    DomainName apex_;
    ClassSet classes_; // none: nothing is listed here (a probe domain, a policy zone)
    std::array<std::uint32_t, all_listing_classes.size()> codes_{};
    TextTemplate text_;
    std::vector<std::uint32_t> test_entries_;
    ZoneAccess access_ = ZoneAccess::open;
    std::uint32_t ttl_ = 0;
    Soa soa_;
    DomainName soa_mname_;
    DomainName soa_rname_;
    std::vector<DomainName> name_servers_;
    std::optional<DomainName> mail_exchanger_;
    std::optional<std::size_t> static_place_;
    std::optional<Policy> policy_;
    std::vector<CatalogRecord> records_; // of a catalog, which always has some
    std::vector<Fixed> fixed_;           // by name
};

} // namespace provenbl::zones
