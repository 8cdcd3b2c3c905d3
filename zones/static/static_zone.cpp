#include "zones/static/static_zone.hpp"

#include "zones/static/names.hpp"
#include "zones/static/scan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::zones::statics {
namespace {

constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t type_mx = 15;

// The first that the files give, in the order of the configuration.
template <class Line>
const Line* first_of(const std::vector<std::shared_ptr<const DataSet>>& sets, std::optional<Line> DataSet::*line) {
    for (const auto& set : sets) {
        if (const auto& given = (*set).*line) return &*given;
    }
    return nullptr;
}

void exists(StaticNode& node, NodeKind kind) {
    if (node.kind != NodeKind::entry) node.kind = kind;
}

bool same(const MailExchanger& a, const MailExchanger& b) {
    return a.preference == b.preference && a.name == b.name;
}
template <class T> bool same(const T& a, const T& b) {
    return a == b;
}

std::uint32_t address_of(const std::string& octets) {
    std::uint32_t address = 0;
    for (const char c : octets) address = address << 8U | static_cast<std::uint8_t>(c);
    return address;
}

} // namespace

template <class Data> void RecordsOf<Data>::add(Data one, std::uint32_t its_ttl) {
    ttl = data.empty() ? its_ttl : std::min(ttl, its_ttl);
    if (std::none_of(data.begin(), data.end(), [&](const Data& known) { return same(known, one); }))
        data.push_back(std::move(one));
}

Result<std::shared_ptr<const StaticZone>> StaticZone::make(const StaticZoneDefinition& definition, std::size_t place,
                                                           std::vector<std::shared_ptr<const DataSet>> sets) {
    auto effective = definition;
    const auto* soa = first_of(sets, &DataSet::soa);
    const auto* servers = first_of(sets, &DataSet::name_servers);
    auto& of_zone = effective.fallback.soa;
    if (definition.soa) of_zone = *definition.soa;
    effective.soa.reset();
    if (!definition.soa && soa != nullptr) {
        const auto ttl = soa->soa.ttl != 0 ? soa->soa.ttl : of_zone.ttl;
        of_zone = soa->soa;
        of_zone.ttl = ttl;
    }
    if (definition.name_servers.empty() && servers != nullptr) {
        effective.name_servers.clear();
        for (const auto& name : servers->names) effective.name_servers.push_back({name, {}});
        // SOA and NS share a TTL here; $SOA's counts where both are given.
        if (soa == nullptr && !definition.soa && servers->ttl != 0) of_zone.ttl = servers->ttl;
    }
    if (effective.name_servers.empty()) effective.name_servers = effective.fallback.name_servers;
    if (effective.name_servers.empty())
        return Error{
            Errc::invalid,
            fmt::format("static zone {} has no name server: give name_servers, or $NS in a file", definition.apex)};
    return std::shared_ptr<const StaticZone>(new StaticZone(effective, place, definition.ttl, std::move(sets)));
}

StaticZone::StaticZone(const StaticZoneDefinition& effective, std::size_t place, std::optional<std::uint32_t> own_ttl,
                       std::vector<std::shared_ptr<const DataSet>> sets)
    : authority_(effective, place), own_ttl_(own_ttl), sets_(std::move(sets)) {
    const auto* soa = first_of(sets_, &DataSet::soa);
    if (soa != nullptr) serial_ = soa->serial;
    for (const auto& set : sets_) {
        if (soa == nullptr || soa->serial == 0) serial_ = std::max(serial_, set->newest);
        if (set->expires != 0 && (expires_ == 0 || set->expires < expires_)) expires_ = set->expires;
    }
    place_hosts(effective.name_servers);
}

// Addresses of name servers inside the zone: the configuration's, else those of the files' own A records.
void StaticZone::place_hosts(const std::vector<NameServer>& servers) {
    for (const auto& server : servers) {
        const auto name = DomainName::parse(server.name).value();
        if (!name.is_within(authority_.apex()) || name == authority_.apex()) continue;
        auto addresses = server.addresses;
        if (addresses.empty()) {
            for (const auto address : find(name.relative_to(authority_.apex()), {.a = true}).a.data)
                addresses.push_back(Address::v4(address));
        }
        if (!addresses.empty()) authority_.place(name, addresses);
    }
}

std::size_t StaticZone::entries() const {
    std::size_t sum = 0;
    for (const auto& set : sets_) sum += set->entries;
    return sum;
}

std::uint32_t StaticZone::ttl_of(const Part& part) const {
    if (own_ttl_) return *own_ttl_;
    return part.ttl.value_or(authority_.ttl());
}

StaticNode StaticZone::find(std::span<const std::uint8_t> relative, Wanted wanted) const {
    StaticNode node;
    const AskedName name(relative);
    for (const auto& set : sets_) find_in(*set, relative, name, wanted, node);
    return node;
}

void StaticZone::find_in(const DataSet& set, std::span<const std::uint8_t> relative, const AskedName& name,
                         Wanted wanted, StaticNode& node) const {
    bool found = false;
    for (const auto& subzone : set.subzones) {
        if (subzone.labels > name.labels()) {
            // The way to a subzone exists.
            if (subzone.key.starts_with(name.key())) exists(node, NodeKind::empty);
            continue;
        }
        if (found || name.key(subzone.labels) != subzone.key) continue;
        found = true; // the longest one alone is asked
        if (set.combined && subzone.labels == name.labels()) exists(node, NodeKind::empty);
        std::optional<AskedName> below;
        if (subzone.labels > 0) below.emplace(relative.first(relative.size() - subzone.key.size()));
        for (const auto part : subzone.parts) find_in(set.parts[part], below ? *below : name, wanted, node);
    }
}

void StaticZone::find_in(const Part& part, const AskedName& name, Wanted wanted, StaticNode& node) const {
    if (const auto* v4 = std::get_if<RangeMap<Key4>>(&part.contents)) {
        // An IPv4 host has a second name below ::ffff:0:0/96, and as many as it likes below its 2002::/16 prefix.
        const auto& plain = name.v4();
        const auto& embedded = name.embedded_v4();
        const auto add = [&](Key4 address) {
            const auto ref = v4->find(address);
            if (ref != nothing) add_values(part, ref, wanted.txt ? text_of(address) : std::string{}, wanted, node);
        };
        if (plain && plain->whole())
            add(plain->first);
        else if (embedded && name.v6()->whole())
            add(embedded->first);
        if (plain && !plain->whole() && v4->any_within(plain->first, plain->last)) exists(node, NodeKind::empty);
        if (embedded && !name.v6()->whole() && v4->any_within(embedded->first, embedded->last))
            exists(node, NodeKind::empty);
    } else if (const auto* v6 = std::get_if<RangeMap<Key6>>(&part.contents)) {
        const auto& block = name.v6();
        if (!block) return;
        const auto ref = block->whole() ? v6->find(block->first) : nothing;
        if (ref != nothing)
            add_values(part, ref, wanted.txt ? text_of(block->first) : std::string{}, wanted, node);
        else if (!block->whole() && v6->any_within(block->first, block->last))
            exists(node, NodeKind::empty);
    } else if (const auto* domains = std::get_if<DomainSet>(&part.contents)) {
        const auto found = domains->find(name);
        if (found.value != nothing)
            add_values(part, found.value, wanted.txt ? name_text(reversed_labels(found.key)) : std::string{}, wanted,
                       node);
        else if (domains->any_below(name))
            exists(node, NodeKind::empty);
    } else if (const auto* records = std::get_if<RecordSet>(&part.contents)) {
        add_records(part, *records, name, wanted, node);
    }
}

void StaticZone::add_values(const Part& part, Ref ref, std::string_view entry, Wanted wanted, StaticNode& node) const {
    node.kind = NodeKind::entry;
    node.listed = true;
    const auto ttl = ttl_of(part);
    for (const auto& value : part.values.at(ref)) {
        if (wanted.a) node.a.add(value.a, ttl);
        if (!wanted.txt) continue;
        if (auto text = part.values.text(value, entry); !text.empty()) node.txt.add(std::move(text), ttl);
    }
}

void StaticZone::add_records(const Part& part, const RecordSet& records, const AskedName& name, Wanted wanted,
                             StaticNode& node) const {
    const auto here = records.find(name.key());
    if (!here.empty())
        node.kind = NodeKind::entry;
    else if (records.any_below(name))
        exists(node, NodeKind::empty);
    for (const auto& record : here) {
        const auto ttl = record.ttl != 0 ? record.ttl : ttl_of(part);
        if (record.type == type_a) {
            if (wanted.a) node.a.add(address_of(record.data), ttl);
        } else if (record.type == type_mx) {
            if (wanted.mx) node.mx.add({record.preference, record.data}, ttl);
        } else if (wanted.txt) {
            node.txt.add(record.data, ttl);
        }
    }
}

} // namespace provenbl::zones::statics
