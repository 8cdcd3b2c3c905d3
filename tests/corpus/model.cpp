#include "model.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::corpus {
namespace {

enum : unsigned {
    a = 1,
    ns = 2,
    soa_type = 6,
    mx = 15,
    txt = 16,
    aaaa = 28,
    ds = 43,
    ixfr = 251,
    axfr = 252,
    any = 255
};

const Address never = Address::v4(127, 0, 0, 1);

WireName parent(const WireName& name) {
    return name.substr(1 + static_cast<unsigned char>(name[0]));
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

unsigned address_type(const Address& address) {
    return address.is_v4() ? a : aaaa;
}

std::string mailbox(const std::string& text, const WireName& apex) {
    if (!text.empty()) {
        const auto at = text.find('@');
        return replaced(text.substr(0, at), ".", "\\.") + "." + text.substr(at + 1) + ".";
    }
    std::string name = "hostmaster.";
    for (std::size_t i = 0; apex[i] != 0; i += 1U + static_cast<unsigned char>(apex[i]))
        name += apex.substr(i + 1, static_cast<unsigned char>(apex[i])) + ".";
    return name;
}

std::string nibbles(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const auto byte : bytes)
        text = fmt::format("{:x}.{:x}{}{}", byte & 15U, byte >> 4U, text.empty() ? "" : ".", text);
    return text;
}

} // namespace

WireName wire_name(const std::string& text) {
    WireName name;
    for (std::size_t at = 0; at < text.size();) {
        const auto dot = std::min(text.find('.', at), text.size());
        name += static_cast<char>(dot - at) + text.substr(at, dot - at);
        at = dot + 1;
    }
    return name + '\0';
}

std::string reversed(const Address& address) {
    const auto bytes = address.bytes();
    if (address.is_v6()) return nibbles(bytes);
    return fmt::format("{}.{}.{}.{}", bytes[3], bytes[2], bytes[1], bytes[0]);
}

std::string reversed_mapped(const Address& v4) {
    return nibbles(v4.bytes()) + ".f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0";
}

Model::Model(const zones::ZoneSet& set) {
    for (const auto& list : set.zones)
        zones_.push_back({wire_name(list.apex), list, list.soa, list.name_servers, "", list.ttl, {}});
    for (const auto& probe : set.probe_domains)
        zones_.push_back(
            {wire_name(probe.apex), {}, probe.soa, probe.name_servers, probe.mail_exchanger, probe.ttl, {}});
    for (auto& zone : zones_) exists(zone, zone.apex, 1);
    for (const auto& list : set.zones) {
        apexes_.push_back(list.apex);
        for (const auto& server : list.name_servers) place_host(server.name, server.addresses);
    }
    for (const auto& probe : set.probe_domains) {
        apexes_.push_back(probe.apex);
        for (const auto& server : probe.name_servers) place_host(server.name, server.addresses);
        place_host(probe.mail_exchanger, probe.addresses);
    }
    for (auto& zone : zones_) {
        if (zone.list) place_test_entries(zone);
        // The way to a zone below.
        for (const auto& other : zones_) {
            if (&other != &zone && other.apex.ends_with(zone.apex)) exists(zone, other.apex, 1);
        }
    }
}

// All apexes of the corpus start where a label does, so that the end of the octets tells enough.
const Model::Zone* Model::zone_of(const WireName& name) const {
    for (auto rest = name; rest.size() > 1; rest = parent(rest)) {
        for (const auto& zone : zones_) {
            if (zone.apex == rest) return &zone;
        }
    }
    return nullptr;
}

void Model::exists(Zone& zone, const WireName& name, int difference) {
    for (auto rest = name; rest.size() >= zone.apex.size(); rest = parent(rest)) {
        auto& node = zone.names[rest];
        node.reasons += static_cast<unsigned>(difference);
        if (rest == zone.apex) break;
    }
}

void Model::place_host(const std::string& name, const std::vector<Address>& addresses) {
    hosts_.push_back(name);
    const auto wire = wire_name(name);
    auto* zone = zone_of(wire);
    if (zone == nullptr || addresses.empty()) return;
    exists(*zone, wire, 1);
    auto& records = zone->names[wire].records;
    auto sorted = addresses;
    std::sort(sorted.begin(), sorted.end());
    for (const auto& address : sorted) {
        if (std::any_of(records.begin(), records.end(), [&](const auto& r) { return r.data == address.to_string(); }))
            continue;
        records.push_back({wire, address_type(address), zone->list ? zone->soa.ttl : zone->ttl, address.to_string()});
    }
}

void Model::place_entry(Zone& zone, const std::string& relative, const Address& address, ClassSet classes,
                        std::vector<Address> values) {
    auto name = wire_name(relative);
    name.pop_back();
    name += zone.apex;
    exists(zone, name, 1);
    auto& records = zone.names[name].records;
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (const auto& value : values) records.push_back({name, a, zone.ttl, value.to_string()});
    std::string what;
    for (const auto cls : all_listing_classes) {
        if (classes.contains(cls)) what += (what.empty() ? "" : ", ") + std::string(to_string(cls));
    }
    auto text = replaced(zone.list->txt, "{page}", zone.list->page);
    text = replaced(replaced(text, "{address}", address.to_string()), "{classes}", what.empty() ? "test" : what);
    records.push_back({name, txt, zone.ttl, "\"" + text + "\""});
}

void Model::place_test_entries(Zone& zone) {
    std::map<Address, ClassSet> entries{{Address::v4(127, 0, 0, 2), {}}};
    for (const auto& [cls, code] : zone.list->codes) {
        if (zone.list->classes.contains(cls)) entries[code].insert(cls);
    }
    for (const auto& [address, classes] : entries) {
        place_entry(zone, reversed(address), address, classes, {address});
        place_entry(zone, reversed_mapped(address), address, classes, {address});
    }
}

void Model::list(const Address& address, ClassSet classes) {
    for (auto& zone : zones_) {
        if (!zone.list || address == never) continue;
        const bool test = address == Address::v4(127, 0, 0, 2) ||
                          std::any_of(zone.list->codes.begin(), zone.list->codes.end(), [&](const auto& entry) {
                              return zone.list->classes.contains(entry.first) && entry.second == address;
                          });
        if (test) continue;
        auto name = wire_name(reversed(address));
        name.pop_back();
        name += zone.apex;
        if (auto old = zone.names.find(name); old != zone.names.end() && !old->second.records.empty()) {
            old->second.records.clear();
            exists(zone, name, -1);
        }
        const auto shown = classes & zone.list->classes;
        std::vector<Address> values;
        for (const auto& [cls, code] : zone.list->codes) {
            if (shown.contains(cls)) values.push_back(code);
        }
        if (!values.empty()) place_entry(zone, reversed(address), address, shown, values);
    }
    if (classes.empty()) {
        listed_.erase(address);
    } else {
        listed_[address] = classes;
    }
}

Record Model::soa(const Zone& zone, std::uint32_t ttl) const {
    const auto& soa = zone.soa;
    return {zone.apex, soa_type, ttl,
            fmt::format("{}. {} {} {} {} {} {}", soa.mname.empty() ? zone.servers[0].name : soa.mname,
                        mailbox(soa.rname, zone.apex), serial_, soa.refresh, soa.retry, soa.expire, soa.negative_ttl)};
}

void Model::add_addresses(const Zone& zone, const std::string& host, std::vector<Record>& records) const {
    const auto wire = wire_name(host);
    if (zone_of(wire) != &zone) return;
    const auto& known = zone.names.at(wire).records;
    records.insert(records.end(), known.begin(), known.end());
}

Verdict Model::verdict(const WireName& name, unsigned type) const {
    Verdict verdict;
    const auto* zone = zone_of(name);
    if (zone != nullptr && type == ds && name == zone->apex) {
        if (const auto* above = zone_of(parent(name)); above != nullptr) zone = above;
    }
    if (zone == nullptr || type == axfr || type == ixfr) return {5, false, zone == nullptr ? 20U : 18U, {}, {}, {}};
    const auto wanted = [&](unsigned have) { return type == have || type == any; };
    if (name == zone->apex) {
        if (wanted(soa_type)) verdict.answers.push_back(soa(*zone, zone->soa.ttl));
        for (const auto& server : zone->servers) {
            if (!wanted(ns)) continue;
            verdict.answers.push_back({name, ns, zone->soa.ttl, server.name + "."});
            add_addresses(*zone, server.name, verdict.additionals);
        }
        if (!zone->mail_exchanger.empty() && wanted(mx)) {
            verdict.answers.push_back({name, mx, zone->ttl, "0 " + zone->mail_exchanger + "."});
            add_addresses(*zone, zone->mail_exchanger, verdict.additionals);
        }
    }
    const auto node = zone->names.find(name);
    const bool there = node != zone->names.end() && node->second.reasons > 0;
    if (there) {
        for (const auto& record : node->second.records) {
            if (wanted(record.type)) verdict.answers.push_back(record);
        }
    }
    verdict.rcode = there ? 0 : 3;
    if (verdict.answers.empty())
        verdict.authorities.push_back(soa(*zone, std::min(zone->soa.ttl, zone->soa.negative_ttl)));
    return verdict;
}

} // namespace provenbl::corpus
