// The catalog of the zones that mirrors take, as a zone: RFC 9432, version 2.
//
// A secondary that reads catalogs takes this one zone, and serves whatever it names. Members are what any mirror may
// have: lists and policy zones that need no access key; neither the probe domain nor static zones, whose files are what
// is copied. A member's label is a hash of its name, so it is the same for ever, wherever it is computed. Pure.
#pragma once

#include "zones/domain_name.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::zones {

struct CatalogDefinition;
struct ZoneSet;

inline constexpr std::string_view catalog_version = "2";
// Nobody is meant to ask a catalog: its NS leads nowhere (RFC 9432 section 4.1).
inline constexpr std::string_view catalog_name_server = "invalid";

struct CatalogMember {
    DomainName apex;
    std::string group; // empty: none
};

// Of valid definitions; in the order of the set.
[[nodiscard]] std::vector<CatalogMember> catalog_members(const ZoneSet& set, const CatalogDefinition& catalog);
// The member's own label: 32 hexadecimal digits.
[[nodiscard]] std::string member_label(const DomainName& apex);

// A record beside SOA and NS. It has a pointer, or a text.
struct CatalogRecord {
    std::vector<std::uint8_t> owner; // the labels above the apex
    DomainName pointer;
    std::optional<std::string> text; // at most 255 octets
};

// version TXT, then for each member its PTR, and its group's TXT where it has one.
[[nodiscard]] std::vector<CatalogRecord> catalog_records(const ZoneSet& set, const CatalogDefinition& catalog);

} // namespace provenbl::zones
