// What an operator defines: the zone set. Plain values; tools/config reads them from YAML, `validate` checks
// what a schema can't.
//
// A zone is a view: which classes, which code each, which TXT. Names are kept in presentation form,
// lower-case, without a trailing dot.
#pragma once

#include "store/address.hpp"
#include "store/listing_class.hpp"
#include "store/result.hpp"
#include "zones/rpz.hpp"
#include "zones/static/definition.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::zones {

struct Soa {
    std::string mname;           // empty: the first name server
    std::string rname;           // as a mail address, "hostmaster@bl.example"; empty: hostmaster@ the apex
    std::uint32_t refresh = 300; // seconds, as all that follow
    std::uint32_t retry = 60;
    std::uint32_t expire = 14 * 86400;
    std::uint32_t negative_ttl = 60; // SOA minimum (RFC 2308): a delisting is seen within minutes
    std::uint32_t ttl = 3600;        // of SOA and NS
};

struct NameServer {
    std::string name;
    std::vector<Address> addresses; // given only for names inside the zone
};

// Who may ask a zone's names. SOA, NS and name servers' addresses are everybody's: resolvers need them.
enum class ZoneAccess : std::uint8_t {
    open, // everybody; an access key is taken where it is used
    key,  // only below an access key's label (store/access_keys.hpp)
};

struct ZoneDefinition {
    std::string apex; // "bl.example"
    ClassSet classes;
    std::map<ListingClass, Address> codes; // for each class of the zone; inside 127/8 (RFC 5782 2.3)
    std::string txt = "Listed: {classes}. Why, and how to be removed: {page}"; // {address} {classes} {page}
    std::string page;                                                          // "https://bl.example/{address}"
    std::uint32_t ttl = 120;                                                   // of A and TXT
    Soa soa;
    std::vector<NameServer> name_servers;
    ZoneAccess access = ZoneAccess::open; // no part of the digest: the records are the same
};

// The domain to which tokens are mailed: its SOA, NS, MX and the addresses of the sinks, so that a relay or a proxy
// finds our sink through our own responder.
struct ProbeDomain {
    std::string apex;
    std::string mail_exchanger;     // a name inside the apex
    std::vector<Address> addresses; // of the mail sink
    // The callback sink's name inside the apex, for proxies that go to names alone, and its addresses; none: no name.
    std::string callback{};
    std::vector<Address> callback_addresses{};
    std::uint32_t ttl = 300;
    Soa soa;
    std::vector<NameServer> name_servers;
};

// A zone whose contents are files in the formats of rbldnsd(8) (zones/static/). What is given here outweighs what the
// files say of the zone ($SOA, $NS, $TTL), which outweighs the `fallback`.
struct StaticZoneDefinition {
    std::string apex;
    std::vector<statics::SetSource> sets; // an address is listed with the values of all of them
    std::optional<std::uint32_t> ttl;     // of what is listed
    std::optional<Soa> soa;
    std::vector<NameServer> name_servers;
    struct Fallback {
        std::uint32_t ttl = 120;
        Soa soa;
        std::vector<NameServer> name_servers;
    } fallback;
    ZoneAccess access = ZoneAccess::open;
};

// What a zone lists, once more as a response policy zone for resolvers of one's own (zones/rpz.hpp).
struct PolicyZoneDefinition {
    std::string apex;
    std::string zone; // the apex of the list
    ClassSet classes; // of those that the list has
    rpz::Trigger trigger = rpz::Trigger::client_ip;
    rpz::Action action = rpz::Action::nxdomain;
    std::string redirect; // in the place of the action: where clients are led, a name (CNAME) or an address (A, AAAA)
    std::uint32_t ttl = 120;
    Soa soa;
    std::vector<NameServer> name_servers;
    ZoneAccess access = ZoneAccess::open; // as the list has it
};

// The zones that mirrors take, as a zone (RFC 9432): a secondary that reads it serves new ones by itself.
struct CatalogDefinition {
    std::string apex;
    std::string group;        // of lists, for the secondary's configuration; empty: none is said
    std::string policy_group; // of policy zones
    Soa soa;
};

struct ZoneSet {
    std::vector<ZoneDefinition> zones;
    std::vector<ProbeDomain> probe_domains; // none or one
    std::vector<StaticZoneDefinition> static_zones = {};
    std::vector<PolicyZoneDefinition> policy_zones = {};
    std::vector<CatalogDefinition> catalogs = {}; // none or one
    // Every other record that is served, as it is shown; for the digest that moves the serial. Static zones have
    // serials of their own; only the cuts to them are told here.
    [[nodiscard]] std::string digest() const;
};

[[nodiscard]] const std::map<ListingClass, Address>& default_codes();

// Exists in the zone whatever is listed (RFC 5782 section 5): 127.0.0.2, and the code of each class of the zone.
[[nodiscard]] bool is_test_entry(const ZoneDefinition& zone, const Address& address);
// What the zone answers for an address that is listed with these classes: ascending, each once; none for a name that
// does not exist. For people; the responder answers from Zone, and means the same.
[[nodiscard]] std::vector<Address> a_values(const ZoneDefinition& zone, const Address& address, ClassSet listed);

// Errors name the zone and the setting: a code outside 127/8 or equal to 127.0.0.1, two zones of one name, a label
// that RFC 5782 2.3 forbids for a sublist, a TXT that can't fit 255 bytes, a name server without an address ...
[[nodiscard]] Result<> validate(const ZoneSet& set);

} // namespace provenbl::zones
