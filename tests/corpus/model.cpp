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

Model::Model(const zones::ZoneSet& set, unsigned ipv6_bits, std::string key)
    : ipv6_bits_(ipv6_bits), key_(std::move(key)) {
    for (const auto& list : set.zones)
        zones_.push_back({wire_name(list.apex), list, list.soa, list.name_servers, "", list.ttl, {}, {}, {}});
    for (const auto& probe : set.probe_domains)
        zones_.push_back(
            {wire_name(probe.apex), {}, probe.soa, probe.name_servers, probe.mail_exchanger, probe.ttl, {}, {}, {}});
    for (auto& zone : zones_) fix(zone, zone.apex);
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
            if (&other != &zone && other.apex.ends_with(zone.apex)) fix(zone, other.apex);
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

void Model::fix(Zone& zone, const WireName& name) {
    exists(zone, name, 1);
    for (auto rest = name; rest.size() >= zone.apex.size(); rest = parent(rest)) {
        zone.fixed.insert(rest);
        if (rest == zone.apex) break;
    }
}

void Model::place_host(const std::string& name, const std::vector<Address>& addresses) {
    hosts_.push_back(name);
    const auto wire = wire_name(name);
    auto* zone = zone_of(wire);
    if (zone == nullptr || addresses.empty()) return;
    fix(*zone, wire);
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
    zone.names[name].records = entry_records(zone, name, address, classes, std::move(values));
}

std::vector<Record> Model::entry_records(const Zone& zone, const WireName& name, const Address& address,
                                         ClassSet classes, std::vector<Address> values) {
    std::vector<Record> records;
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
    return records;
}

std::vector<Address> Model::codes(const Zone& zone, ClassSet shown) {
    std::vector<Address> values;
    for (const auto& [cls, code] : zone.list->codes) {
        if (shown.contains(cls)) values.push_back(code);
    }
    return values;
}

Address Model::unit(const Address& address) const {
    if (address.is_v4() || ipv6_bits_ == 128) return address;
    std::array<std::uint8_t, 16> bytes{};
    std::copy_n(address.bytes().begin(), 8, bytes.begin());
    return Address::v6(bytes);
}

bool Model::in_network(const Zone& zone, const WireName& name, std::vector<Record>& records) const {
    constexpr std::size_t base_nibbles = 16, whole = 32, mapped_nibbles = 24;
    if (!zone.list || ipv6_bits_ == 128) return false;
    std::string nibbles; // the first of the address first
    for (auto rest = name; rest != zone.apex; rest = parent(rest)) {
        if (rest[0] != 1) return false;
        nibbles.insert(nibbles.begin(), rest[1]);
    }
    if (nibbles.size() < base_nibbles || nibbles.size() > whole) return false;
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < nibbles.size(); ++i) {
        const auto value = std::string("0123456789abcdef").find(nibbles[i]);
        if (value == std::string::npos) return false;
        bytes[i / 2] |= static_cast<std::uint8_t>(value << (i % 2 == 0 ? 4U : 0U));
    }
    if (nibbles.starts_with(std::string(20, '0') + "ffff") && nibbles.size() >= mapped_nibbles) return false;
    const auto address = Address::v6(bytes);
    const auto found = listed_.find(unit(address));
    if (found == listed_.end()) return false;
    const auto shown = found->second & zone.list->classes;
    auto values = codes(zone, shown);
    if (values.empty()) return false;
    if (nibbles.size() == whole) records = entry_records(zone, name, address, shown, std::move(values));
    return true;
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
        const auto values = codes(zone, shown);
        if (address.is_v6() && ipv6_bits_ == 64) {
            constexpr std::size_t lower_half = std::size_t{2} * 16; // its labels
            name.erase(0, lower_half);
            const bool before = zone.networks.contains(name);
            if (before != !values.empty()) exists(zone, name, before ? -1 : 1);
            if (values.empty())
                zone.networks.erase(name);
            else
                zone.networks.insert(name);
            continue;
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

Verdict Model::verdict(const WireName& asked, unsigned type, bool shut_down) const {
    Verdict verdict;
    auto name = asked;
    const auto* zone = zone_of(name);
    if (zone != nullptr && type == ds && name == zone->apex) {
        if (const auto* above = zone_of(parent(name)); above != nullptr) zone = above;
    }
    if (zone == nullptr || type == axfr || type == ixfr) return {5, false, zone == nullptr ? 20U : 18U, {}, {}, {}};
    const auto wanted = [&](unsigned have) { return type == have || type == any; };
    const auto below_key = key_.empty() ? WireName{} : static_cast<char>(key_.size()) + key_ + zone->apex;
    const bool keyed = !key_.empty() && name.ends_with(below_key);
    if (keyed)
        name = name.substr(0, name.size() - below_key.size()) + zone->apex;
    else if (zone->list && zone->list->access == zones::ZoneAccess::key && !zone->fixed.contains(name))
        return {5, false, 18U, {}, {}, {}};
    if (asked == zone->apex) {
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
    std::vector<Record> records;
    bool there = node != zone->names.end() && node->second.reasons > 0;
    if (there) records = node->second.records;
    if (shut_down) {
        there = zone->fixed.contains(name);
        if (!there) records.clear();
    } else if (records.empty() && in_network(*zone, name, records)) {
        there = true;
    }
    for (auto& record : records) {
        record.owner = asked;
        if (wanted(record.type)) verdict.answers.push_back(record);
    }
    verdict.rcode = there ? 0 : 3;
    if (verdict.answers.empty())
        verdict.authorities.push_back(soa(*zone, std::min(zone->soa.ttl, zone->soa.negative_ttl)));
    return verdict;
}

} // namespace provenbl::corpus
