#include "zones/zone_table.hpp"

#include <algorithm>

namespace provenbl::zones {

ZoneTable::ZoneTable(const ZoneSet& set) : definition_(set.digest()) {
    zones_.reserve(set.zones.size() + set.probe_domains.size() + set.static_zones.size() + set.policy_zones.size() +
                   set.catalogs.size());
    for (const auto& definition : set.zones) zones_.emplace_back(definition);
    for (const auto& domain : set.probe_domains) zones_.emplace_back(domain);
    for (std::size_t i = 0; i < set.static_zones.size(); ++i) zones_.emplace_back(set.static_zones[i], i);
    for (const auto& definition : set.policy_zones) zones_.emplace_back(definition);
    for (const auto& catalog : set.catalogs) zones_.emplace_back(catalog, catalog_records(set, catalog));
    for (const auto& definition : set.zones) {
        for (const auto& server : definition.name_servers) place(server.name, server.addresses);
    }
    for (const auto& domain : set.probe_domains) {
        for (const auto& server : domain.name_servers) place(server.name, server.addresses);
        place(domain.mail_exchanger, domain.addresses);
        if (!domain.callback_addresses.empty()) place(domain.callback, domain.callback_addresses);
    }
    for (const auto& definition : set.static_zones) {
        const auto& given = definition.name_servers;
        for (const auto& server : given.empty() ? definition.fallback.name_servers : given)
            place(server.name, server.addresses);
    }
    for (const auto& definition : set.policy_zones) {
        for (const auto& server : definition.name_servers) place(server.name, server.addresses);
    }
    // The way from a zone to a cut further down exists.
    for (auto& zone : zones_) {
        for (const auto& below : zones_) {
            if (&below != &zone && below.apex().is_within(zone.apex())) zone.place(below.apex(), {});
        }
    }
}

void ZoneTable::place(const std::string& name, std::span<const Address> addresses) {
    const auto parsed = DomainName::parse(name).value();
    const auto* zone = find(parsed.wire());
    if (zone != nullptr && !addresses.empty()) zones_[position(*zone)].place(parsed, addresses);
}

const Zone* ZoneTable::find(std::span<const std::uint8_t> name) const {
    for (auto rest = name; !rest.empty() && rest[0] != 0; rest = after_first_label(rest)) {
        for (const auto& zone : zones_) {
            const auto apex = zone.apex().wire();
            if (apex.size() == rest.size() && std::equal(apex.begin(), apex.end(), rest.begin())) return &zone;
        }
    }
    return nullptr;
}

const Zone* ZoneTable::parent_of(const Zone& zone) const {
    return find(after_first_label(zone.apex().wire()));
}

} // namespace provenbl::zones
