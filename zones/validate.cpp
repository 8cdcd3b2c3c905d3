// What a schema can't check of a zone set: RFC 5782 sections 2.3 and 5, RFC 6471 section 3.3, RFC 1035 limits.
// Every error names the zone, the setting, and what was expected.
#include "store/reversed_name.hpp"
#include "zones/definition.hpp"
#include "zones/domain_name.hpp"
#include "zones/text_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace provenbl::zones {
namespace {

// 32 nibble labels above the apex must fit into 255 octets.
constexpr std::size_t longest_apex = 255 - 64;
constexpr std::uint32_t longest_time = 0x7fffffff; // RFC 2181 section 8

Error wrong(std::string_view zone, std::string_view setting, std::string_view what) {
    return {Errc::invalid, fmt::format("zone {}: {}: {}", zone, setting, what)};
}

Result<> check_time(std::string_view zone, std::string_view setting, std::uint32_t seconds) {
    if (seconds > longest_time) return wrong(zone, setting, fmt::format("at most {} seconds", longest_time));
    return {};
}

Result<> check_soa(std::string_view zone, const Soa& soa) {
    if (!soa.mname.empty()) {
        if (const auto name = DomainName::parse(soa.mname); !name)
            return wrong(zone, "soa.mname", name.error().message);
    }
    if (!soa.rname.empty()) {
        if (const auto name = DomainName::parse_mailbox(soa.rname); !name)
            return wrong(zone, "soa.rname", name.error().message);
    }
    for (const auto& [setting, seconds] :
         {std::pair{"soa.refresh", soa.refresh}, std::pair{"soa.retry", soa.retry}, std::pair{"soa.expire", soa.expire},
          std::pair{"soa.negative_ttl", soa.negative_ttl}, std::pair{"soa.ttl", soa.ttl}}) {
        if (auto done = check_time(zone, setting, seconds); !done) return done;
    }
    if (soa.expire <= soa.refresh)
        return wrong(zone, "soa.expire",
                     "must be longer than soa.refresh, or mirrors drop the zone between two visits");
    return {};
}

// Code of a listing: in 127/8 (RFC 5782 2.3), never 127.0.0.1 (section 5), and none that mail servers read as an error.
Result<> check_codes(const ZoneDefinition& zone) {
    if (zone.classes.empty()) return wrong(zone.apex, "classes", "a zone lists at least one class");
    for (const auto cls : all_listing_classes) {
        if (!zone.classes.contains(cls)) continue;
        const auto setting = fmt::format("codes.{}", to_string(cls));
        const auto code = zone.codes.find(cls);
        if (code == zone.codes.end()) return wrong(zone.apex, setting, "is missing; expected such as 127.0.0.2");
        const auto& address = code->second;
        if (!address.is_v4() || address.to_v4() >> 24U != 127)
            return wrong(zone.apex, setting, address.to_string() + " is not in 127.0.0.0/8 (RFC 5782 2.3)");
        if (address.to_v4() == 0x7f000001)
            return wrong(zone.apex, setting, "127.0.0.1 must never be listed (RFC 5782 5); take another");
        if (address.to_v4() >> 8U == 0x7fffff)
            return wrong(zone.apex, setting, address.to_string() + " is read as an error code; take another");
    }
    return {};
}

Result<> check_text(const ZoneDefinition& zone) {
    const auto text = TextTemplate::parse(zone.txt, zone.page);
    if (!text) return wrong(zone.apex, "txt", text.error().message);
    if (zone.txt.empty()) return wrong(zone.apex, "txt", "is empty; say why an address is listed");
    if (const auto length = text->longest(zone.classes); length > TextTemplate::longest_text)
        return wrong(zone.apex, "txt",
                     fmt::format("takes {} octets with the longest address, page and classes; at most {} fit", length,
                                 TextTemplate::longest_text));
    return {};
}

// Labels of a sublist have two characters or more and hold a non-digit (RFC 5782 2.3).
Result<> check_sublist(const DomainName& apex, const DomainName& parent) {
    auto rest = apex.relative_to(parent);
    for (; !rest.empty(); rest = after_first_label(rest)) {
        const auto label = rest.subspan(1, rest[0]);
        const bool digits = std::all_of(label.begin(), label.end(), [](auto c) { return c >= '0' && c <= '9'; });
        if (label.size() < 2 || digits)
            return wrong(apex.to_string(), "name",
                         fmt::format("a label below {} needs two characters, one of them no digit (RFC 5782 2.3)",
                                     parent.to_string()));
    }
    return {};
}

class Names {
public:
    // All apexes, checked against each other.
    Result<> add_apex(const std::string& text) {
        const auto name = DomainName::parse(text);
        if (!name) return wrong(text, "name", name.error().message);
        if (name->wire().size() > longest_apex)
            return wrong(text, "name",
                         fmt::format("is too long for IPv6 names below it; at most {} octets", longest_apex));
        if (std::find(apexes_.begin(), apexes_.end(), *name) != apexes_.end())
            return wrong(text, "name", "is defined twice");
        apexes_.push_back(*name);
        return {};
    }
    Result<> check_sublists() const {
        for (const auto& apex : apexes_) {
            for (const auto& parent : apexes_) {
                if (apex == parent || !apex.is_within(parent)) continue;
                if (auto done = check_sublist(apex, parent); !done) return done;
            }
        }
        return {};
    }
    [[nodiscard]] bool ours(const DomainName& name) const {
        return std::any_of(apexes_.begin(), apexes_.end(), [&](const auto& apex) { return name.is_within(apex); });
    }
    // A name of ours that has addresses: no apex, no reversed address.
    Result<> check_host(std::string_view zone, std::string_view setting, const DomainName& name) const {
        for (const auto& apex : apexes_) {
            if (!name.is_within(apex)) continue;
            if (name == apex)
                return wrong(zone, setting,
                             fmt::format("{} is a zone's apex; give the host a name of its own", apex.to_string()));
            const auto text = name.to_string();
            if (parse_reversed_name(text.substr(0, text.size() - apex.to_string().size() - 1)))
                return wrong(zone, setting, fmt::format("{} is the name of a listed address", text));
        }
        return {};
    }

    void give_address(const DomainName& name) { addressed_.insert(name); }
    [[nodiscard]] bool has_address(const DomainName& name) const { return addressed_.contains(name); }

private:
    std::vector<DomainName> apexes_;
    std::set<DomainName> addressed_;
};

Result<> collect_servers(Names& names, std::string_view zone, const std::vector<NameServer>& servers) {
    if (servers.empty()) return wrong(zone, "name_servers", "is empty; a zone has at least one");
    for (const auto& server : servers) {
        const auto name = DomainName::parse(server.name);
        if (!name) return wrong(zone, "name_servers", name.error().message);
        if (auto done = names.check_host(zone, "name_servers", *name); !done) return done;
        if (server.addresses.empty()) continue;
        if (!names.ours(*name))
            return wrong(zone, "name_servers", server.name + " is outside our zones; remove its addresses");
        names.give_address(*name);
    }
    return {};
}

Result<> check_servers(const Names& names, std::string_view zone, const std::vector<NameServer>& servers) {
    for (const auto& server : servers) {
        const auto name = DomainName::parse(server.name).value();
        if (names.ours(name) && !names.has_address(name))
            return wrong(zone, "name_servers", server.name + " is inside our zones; give its addresses");
    }
    return {};
}

// Servers may be none: the files may name some.
Result<> collect_static(Names& names, const StaticZoneDefinition& zone) {
    if (zone.sets.empty()) return wrong(zone.apex, "files", "is empty; name at least one file");
    const auto& servers = zone.name_servers.empty() ? zone.fallback.name_servers : zone.name_servers;
    if (!servers.empty()) {
        if (auto done = collect_servers(names, zone.apex, servers); !done) return done;
    }
    if (auto done = check_soa(zone.apex, zone.soa.value_or(zone.fallback.soa)); !done) return done;
    return check_time(zone.apex, "ttl", zone.ttl.value_or(zone.fallback.ttl));
}

Result<> collect_probe_domain(Names& names, const ProbeDomain& domain) {
    if (auto done = collect_servers(names, domain.apex, domain.name_servers); !done) return done;
    if (auto done = check_soa(domain.apex, domain.soa); !done) return done;
    if (auto done = check_time(domain.apex, "ttl", domain.ttl); !done) return done;
    const auto name = DomainName::parse(domain.mail_exchanger);
    if (!name) return wrong(domain.apex, "mail_exchanger", name.error().message);
    const auto apex = DomainName::parse(domain.apex).value();
    if (!name->is_within(apex) || *name == apex)
        return wrong(domain.apex, "mail_exchanger",
                     domain.mail_exchanger + " is not below the domain; expected such as mx." + domain.apex);
    if (domain.addresses.empty()) return wrong(domain.apex, "addresses", "is empty; give the address of the mail sink");
    names.give_address(*name);
    if (auto done = names.check_host(domain.apex, "mail_exchanger", *name); !done) return done;
    if (domain.callback_addresses.empty()) return {};
    const auto callback = DomainName::parse(domain.callback);
    if (!callback) return wrong(domain.apex, "callback", callback.error().message);
    if (!callback->is_within(apex) || *callback == apex)
        return wrong(domain.apex, "callback",
                     domain.callback + " is not below the domain; expected such as callback." + domain.apex);
    // One name for both would lead mail to the callback sink.
    if (*callback == *name)
        return wrong(domain.apex, "callback", domain.callback + " is the mail exchanger; give it a name of its own");
    names.give_address(*callback);
    return names.check_host(domain.apex, "callback", *callback);
}

// A policy zone shows a list of ours, or some classes of it, to resolvers.
Result<> check_policy(const ZoneSet& set, const PolicyZoneDefinition& zone) {
    const auto list = std::find_if(set.zones.begin(), set.zones.end(),
                                   [&](const ZoneDefinition& other) { return other.apex == zone.zone; });
    if (list == set.zones.end())
        return wrong(zone.apex, "zone",
                     fmt::format("'{}' is no list of ours; expected the apex of one of zones", zone.zone));
    if (zone.classes.empty()) return wrong(zone.apex, "classes", "is empty; expected some of the list's classes");
    if ((zone.classes & list->classes) != zone.classes)
        return wrong(
            zone.apex, "classes",
            fmt::format("{} does not list all of them; expected some of {}", zone.zone, to_string(list->classes)));
    if (zone.access != list->access)
        return wrong(zone.apex, "access", "differs from the list's; whoever has one has the other");
    if (!zone.redirect.empty() && !Address::parse(zone.redirect)) {
        if (const auto name = DomainName::parse(zone.redirect); !name)
            return wrong(zone.apex, "redirect", name.error().message + ", nor an address");
    }
    if (auto done = check_time(zone.apex, "ttl", zone.ttl); !done) return done;
    return check_soa(zone.apex, zone.soa);
}

Result<> check_catalog(const CatalogDefinition& catalog) {
    constexpr std::size_t longest_text = 255;
    for (const auto& [setting, group] :
         {std::pair{"group", &catalog.group}, std::pair{"policy_group", &catalog.policy_group}}) {
        if (group->size() > longest_text)
            return wrong(catalog.apex, setting, fmt::format("is longer than {} octets", longest_text));
    }
    return check_soa(catalog.apex, catalog.soa);
}

} // namespace

Result<> validate(const ZoneSet& set) {
    Names names;
    for (const auto& zone : set.zones) {
        if (auto done = names.add_apex(zone.apex); !done) return done;
    }
    for (const auto& domain : set.probe_domains) {
        if (auto done = names.add_apex(domain.apex); !done) return done;
    }
    for (const auto& zone : set.static_zones) {
        if (auto done = names.add_apex(zone.apex); !done) return done;
    }
    for (const auto& zone : set.policy_zones) {
        if (auto done = names.add_apex(zone.apex); !done) return done;
    }
    for (const auto& catalog : set.catalogs) {
        if (auto done = names.add_apex(catalog.apex); !done) return done;
    }
    if (auto done = names.check_sublists(); !done) return done;
    for (const auto& zone : set.zones) {
        if (auto done = check_codes(zone); !done) return done;
        if (auto done = check_text(zone); !done) return done;
        if (auto done = check_time(zone.apex, "ttl", zone.ttl); !done) return done;
        if (auto done = check_soa(zone.apex, zone.soa); !done) return done;
        if (auto done = collect_servers(names, zone.apex, zone.name_servers); !done) return done;
    }
    if (set.probe_domains.size() > 1)
        return wrong(set.probe_domains[1].apex, "probe domain", "there is one already; remove either");
    for (const auto& domain : set.probe_domains) {
        if (auto done = collect_probe_domain(names, domain); !done) return done;
    }
    for (const auto& zone : set.static_zones) {
        if (auto done = collect_static(names, zone); !done) return done;
    }
    for (const auto& zone : set.policy_zones) {
        if (auto done = check_policy(set, zone); !done) return done;
        if (auto done = collect_servers(names, zone.apex, zone.name_servers); !done) return done;
    }
    if (set.catalogs.size() > 1) return wrong(set.catalogs[1].apex, "catalog", "there is one already; remove either");
    for (const auto& catalog : set.catalogs) {
        if (auto done = check_catalog(catalog); !done) return done;
    }
    for (const auto& zone : set.zones) {
        if (auto done = check_servers(names, zone.apex, zone.name_servers); !done) return done;
    }
    for (const auto& zone : set.static_zones) {
        const auto& servers = zone.name_servers.empty() ? zone.fallback.name_servers : zone.name_servers;
        if (auto done = check_servers(names, zone.apex, servers); !done) return done;
    }
    for (const auto& zone : set.policy_zones) {
        if (auto done = check_servers(names, zone.apex, zone.name_servers); !done) return done;
    }
    for (const auto& domain : set.probe_domains) {
        if (auto done = check_servers(names, domain.apex, domain.name_servers); !done) return done;
    }
    return {};
}

} // namespace provenbl::zones
