#include "zones/catalog.hpp"

#include "zones/definition.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace provenbl::zones {
namespace {

std::vector<std::uint8_t> labels(std::string_view text) {
    const auto name = DomainName::parse(text).value();
    return {name.wire().begin(), name.wire().end() - 1};
}

} // namespace

std::vector<CatalogMember> catalog_members(const ZoneSet& set, const CatalogDefinition& catalog) {
    std::vector<CatalogMember> members;
    for (const auto& zone : set.zones) {
        if (zone.access == ZoneAccess::open) members.push_back({DomainName::parse(zone.apex).value(), catalog.group});
    }
    for (const auto& zone : set.policy_zones) {
        if (zone.access == ZoneAccess::open)
            members.push_back({DomainName::parse(zone.apex).value(), catalog.policy_group});
    }
    return members;
}

std::string member_label(const DomainName& apex) {
    constexpr std::size_t octets = 16;
    std::array<unsigned char, 32> hash{};
    const auto wire = apex.wire();
    if (EVP_Digest(wire.data(), wire.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("OpenSSL can't compute SHA-256");
    std::string label;
    for (std::size_t i = 0; i < octets; ++i) label += fmt::format("{:02x}", hash[i]);
    return label;
}

std::vector<CatalogRecord> catalog_records(const ZoneSet& set, const CatalogDefinition& catalog) {
    std::vector<CatalogRecord> records;
    records.push_back({labels("version"), {}, std::string(catalog_version)});
    for (const auto& member : catalog_members(set, catalog)) {
        const auto place = member_label(member.apex) + ".zones";
        records.push_back({labels(place), member.apex, std::nullopt});
        if (!member.group.empty()) records.push_back({labels("group." + place), {}, member.group});
    }
    return records;
}

} // namespace provenbl::zones
