// How a zone is made of its definition. What exists at a name is name_tree.cpp.
#include "zones/zone.hpp"

#include <algorithm>

namespace provenbl::zones {
namespace {

constexpr std::uint32_t first_test_entry = 0x7f000002; // 127.0.0.2, RFC 5782 section 5

bool comes_before(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

} // namespace

Zone::Zone(const ZoneDefinition& definition)
    : apex_(DomainName::parse(definition.apex).value()), classes_(definition.classes),
      text_(TextTemplate::parse(definition.txt, definition.page).value()), access_(definition.access),
      ttl_(definition.ttl) {
    read_authority(definition.soa, definition.name_servers);
    test_entries_.push_back(first_test_entry);
    for (const auto cls : all_listing_classes) {
        if (!classes_.contains(cls)) continue;
        const auto code = definition.codes.at(cls).to_v4();
        codes_[static_cast<std::size_t>(cls)] = code;
        test_entries_.push_back(code);
    }
    std::sort(test_entries_.begin(), test_entries_.end());
    test_entries_.erase(std::unique(test_entries_.begin(), test_entries_.end()), test_entries_.end());
}

Zone::Zone(const ProbeDomain& domain)
    : apex_(DomainName::parse(domain.apex).value()), ttl_(domain.ttl),
      mail_exchanger_(DomainName::parse(domain.mail_exchanger).value()) {
    read_authority(domain.soa, domain.name_servers);
}

Zone::Zone(const StaticZoneDefinition& definition, std::size_t place)
    : apex_(DomainName::parse(definition.apex).value()), access_(definition.access),
      ttl_(definition.ttl.value_or(definition.fallback.ttl)), static_place_(place) {
    const auto& given = definition.name_servers;
    read_authority(definition.soa.value_or(definition.fallback.soa),
                   given.empty() ? definition.fallback.name_servers : given);
}

Zone::Zone(const PolicyZoneDefinition& definition)
    : apex_(DomainName::parse(definition.apex).value()), access_(definition.access), ttl_(definition.ttl) {
    policy_ = Policy{};
    policy_->trigger = definition.trigger;
    policy_->classes = definition.classes;
    if (definition.redirect.empty())
        policy_->target = rpz::target_name(definition.action);
    else if (const auto address = Address::parse(definition.redirect))
        policy_->address = *address;
    else
        policy_->target = DomainName::parse(definition.redirect).value();
    read_authority(definition.soa, definition.name_servers);
}

Zone::Zone(const CatalogDefinition& definition, std::vector<CatalogRecord> records)
    : apex_(DomainName::parse(definition.apex).value()), ttl_(definition.soa.ttl), records_(std::move(records)) {
    read_authority(definition.soa, {NameServer{std::string(catalog_name_server), {}}});
    for (const auto& record : records_) {
        for (std::span<const std::uint8_t> rest = record.owner; !rest.empty(); rest = after_first_label(rest))
            fixed(rest);
    }
}

void Zone::read_authority(const Soa& soa, const std::vector<NameServer>& servers) {
    soa_ = soa;
    for (const auto& server : servers) name_servers_.push_back(DomainName::parse(server.name).value());
    if (!soa.mname.empty())
        soa_mname_ = DomainName::parse(soa.mname).value();
    else if (static_place_ && name_servers_.empty())
        soa_mname_ = apex_; // until the files name some
    else
        soa_mname_ = name_servers_.at(0);
    const auto rname = soa.rname.empty() ? "hostmaster@" + apex_.to_string() : soa.rname;
    soa_rname_ = DomainName::parse_mailbox(rname).value();
}

Zone::Fixed& Zone::fixed(std::span<const std::uint8_t> relative) {
    auto at = std::lower_bound(fixed_.begin(), fixed_.end(), relative,
                               [](const Fixed& entry, auto wanted) { return comes_before(entry.relative, wanted); });
    if (at == fixed_.end() || !std::equal(at->relative.begin(), at->relative.end(), relative.begin(), relative.end()))
        at = fixed_.insert(at, Fixed{{relative.begin(), relative.end()}, {}});
    return *at;
}

void Zone::place(const DomainName& name, std::span<const Address> addresses) {
    const auto whole = name.relative_to(apex_);
    // The apex needs no place: it exists anyway.
    for (auto rest = whole; !rest.empty(); rest = after_first_label(rest)) fixed(rest);
    if (whole.empty()) return;
    auto& kept = fixed(whole).addresses;
    kept.insert(kept.end(), addresses.begin(), addresses.end());
    std::sort(kept.begin(), kept.end());
    kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
}

const Zone::Fixed* Zone::find_fixed(std::span<const std::uint8_t> relative) const {
    const auto at = std::lower_bound(fixed_.begin(), fixed_.end(), relative, [](const Fixed& entry, auto wanted) {
        return comes_before(entry.relative, wanted);
    });
    if (at == fixed_.end() || !std::equal(at->relative.begin(), at->relative.end(), relative.begin(), relative.end()))
        return nullptr;
    return &*at;
}

std::size_t Zone::text(const Node& entry, std::span<std::uint8_t> out) const {
    return text_.render(entry.address.to_string(), entry.classes, out);
}

} // namespace provenbl::zones
