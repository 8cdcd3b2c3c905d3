#include "zones/contents.hpp"

#include <algorithm>

namespace provenbl::zones {
namespace {

constexpr std::uint32_t never_listed = 0x7f000001; // 127.0.0.1, RFC 5782 section 5

} // namespace

ListedName::ListedName(const Address& address, unsigned ipv6_bits) {
    const auto bytes = address.bytes();
    if (address.is_v4()) {
        for (auto at = bytes.rbegin(); at != bytes.rend(); ++at) octet(*at);
        return;
    }
    if (ipv6_bits == 64) {
        labels_[size_++] = 1;
        labels_[size_++] = '*';
    }
    nibbles(bytes.first(ipv6_bits / 8));
}

ListedName ListedName::mapped(std::uint32_t v4) {
    std::array<std::uint8_t, 16> bytes{};
    bytes[10] = bytes[11] = 0xff;
    for (unsigned i = 0; i < 4; ++i) bytes[12 + i] = static_cast<std::uint8_t>(v4 >> (24 - 8 * i));
    ListedName name;
    name.nibbles(bytes);
    return name;
}

ListedName ListedName::policy(const Address& address, unsigned ipv6_bits, rpz::Trigger trigger) {
    const auto text = rpz::owner(Prefix::of(address, address.is_v4() ? address.bits() : ipv6_bits), trigger);
    ListedName name;
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find('.', at), text.size());
        name.labels_[name.size_++] = static_cast<std::uint8_t>(end - at);
        for (; at < end; ++at) name.labels_[name.size_++] = static_cast<std::uint8_t>(text[at]);
        ++at;
    }
    return name;
}

void ListedName::octet(std::uint8_t value) {
    auto& length = labels_[size_++];
    if (value >= 100) labels_[size_++] = static_cast<std::uint8_t>('0' + value / 100);
    if (value >= 10) labels_[size_++] = static_cast<std::uint8_t>('0' + value / 10 % 10);
    labels_[size_++] = static_cast<std::uint8_t>('0' + value % 10);
    length = static_cast<std::uint8_t>(&labels_[size_] - &length - 1);
}

void ListedName::nibbles(std::span<const std::uint8_t> bytes) {
    const auto put = [&](unsigned nibble) {
        labels_[size_++] = 1;
        labels_[size_++] = static_cast<std::uint8_t>("0123456789abcdef"[nibble]);
    };
    for (auto at = bytes.rbegin(); at != bytes.rend(); ++at) {
        put(*at & 0xfU);
        put(*at >> 4U);
    }
}

Contents::Contents(const ZoneTable& table, const Zone& zone) : zone_(zone) {
    add_servers(zone);
    if (zone.mail_exchanger())
        add({}, {.kind = ContentKind::mail_exchanger, .ttl = zone.ttl(), .target = &*zone.mail_exchanger()});
    for (const auto& name : zone.fixed_names()) {
        for (const auto& address : name.addresses)
            add(name.relative, {.kind = ContentKind::address, .ttl = zone.host_ttl(), .address = address});
    }
    const auto servers = [&](const Zone& of) {
        for (const auto& server : of.name_servers()) {
            // Of a zone further down, and wanted on the way to it.
            const auto* home = server.is_within(zone.apex()) ? table.find(server.wire()) : nullptr;
            if (home != nullptr && home != &zone) add_addresses(*home, server);
        }
    };
    servers(zone);
    for (const auto& below : table.zones()) {
        if (&below == &zone || table.parent_of(below) != &zone) continue;
        add_servers(below);
        servers(below);
    }
    for (const auto& record : zone.catalog_records()) {
        const bool text = record.text.has_value();
        add(record.owner, {.kind = text ? ContentKind::text : ContentKind::pointer,
                           .ttl = zone.ttl(),
                           .target = text ? nullptr : &record.pointer,
                           .text = text ? std::string_view(*record.text) : std::string_view{}});
    }
    for (const auto entry : zone.test_entries()) add_test_entry(ListedName(Address::v4(entry), 128));
    for (const auto entry : zone.test_entries()) add_test_entry(ListedName::mapped(entry));
}

// Each record once, however often it is spoken of.
void Contents::add(std::span<const std::uint8_t> owner, Content content) {
    const auto same = [&](const Kept& other) {
        return other.content.kind == content.kind &&
               std::equal(owner.begin(), owner.end(), other.owner.begin(), other.owner.end()) &&
               other.content.address == content.address && other.content.text == content.text &&
               (content.target == nullptr || *other.content.target == *content.target);
    };
    if (std::none_of(fixed_.begin(), fixed_.end(), same))
        fixed_.push_back({{owner.begin(), owner.end()}, std::move(content)});
}

void Contents::add_servers(const Zone& of) {
    for (const auto& server : of.name_servers())
        add(of.apex().relative_to(zone_.apex()),
            {.kind = ContentKind::name_server, .ttl = of.soa().ttl, .target = &server});
}

void Contents::add_addresses(const Zone& of, const DomainName& host) {
    for (const auto& address : of.find(host.relative_to(of.apex()), Index{}).addresses)
        add(host.relative_to(zone_.apex()), {.kind = ContentKind::address, .ttl = of.host_ttl(), .address = address});
}

void Contents::add_test_entry(const ListedName& name) {
    tests_.push_back({{name.labels().begin(), name.labels().end()},
                      {.kind = ContentKind::entry, .ttl = zone_.ttl(), .node = zone_.find(name.labels(), Index{})}});
}

Content Contents::whole(const Kept& kept) {
    auto content = kept.content;
    content.owner = kept.owner;
    return content;
}

ListedName Contents::name(const Address& address, unsigned ipv6_bits) const {
    return zone_.policy() ? ListedName::policy(address, ipv6_bits, zone_.policy()->trigger)
                          : ListedName(address, ipv6_bits);
}

bool Contents::differs(ClassSet before, ClassSet after) const {
    const auto shown = zone_.shown();
    if (zone_.policy()) return (before & shown).empty() != (after & shown).empty();
    return (before & shown) != (after & shown);
}

// What stands there is no matter of listings.
bool Contents::is_apart(const Address& address) const {
    if (!address.is_v4()) return false;
    const auto tests = zone_.test_entries();
    return address.to_v4() == never_listed || std::binary_search(tests.begin(), tests.end(), address.to_v4());
}

std::optional<Content> Contents::listed(const Address& address, ClassSet classes, const ListedName& name) const {
    if (is_apart(address)) return std::nullopt;
    if (const auto& policy = zone_.policy()) {
        if ((classes & policy->classes).empty()) return std::nullopt;
        return Content{.kind = policy->target ? ContentKind::alias : ContentKind::address,
                       .owner = name.labels(),
                       .ttl = zone_.ttl(),
                       .target = policy->target ? &*policy->target : nullptr,
                       .address = policy->address};
    }
    auto node = zone_.entry(address, classes);
    if (node.kind == NodeKind::nothing) return std::nullopt;
    return Content{.kind = ContentKind::entry, .owner = name.labels(), .ttl = zone_.ttl(), .node = node};
}

bool Contents::walk(const Index& index, Cursor& cursor, const Visit& visit) const {
    for (; cursor.fixed < fixed_.size(); ++cursor.fixed) {
        if (!visit(whole(fixed_[cursor.fixed]))) return false;
    }
    if (index.is_shut_down()) return true;
    for (; cursor.test < tests_.size(); ++cursor.test) {
        if (!visit(whole(tests_[cursor.test]))) return false;
    }
    // Neighbours are mostly of the same classes, and then differ in name and address alone.
    std::optional<Content> content;
    std::optional<ClassSet> made_of;
    return index.walk_after(cursor.listed, zone_.shown(), [&](const Address& address, ClassSet classes) {
        const auto owner = name(address, index.ipv6_bits());
        if (is_apart(address)) {
            cursor.listed = address;
            return true;
        }
        if (made_of != classes) {
            content = listed(address, classes, owner);
            made_of = classes;
        } else if (content) {
            content->owner = owner.labels();
            content->node.address = address;
        }
        if (content && !visit(*content)) return false;
        cursor.listed = address;
        return true;
    });
}

} // namespace provenbl::zones
