// The digest of a zone set, and what a zone answers for an address. What makes a set valid is validate.cpp.
#include "zones/definition.hpp"

#include "zones/catalog.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace provenbl::zones {
namespace {

// Every setting on a line of its own, strings with their length in front, so that no two sets read alike.
class Canonical {
public:
    void add(std::string_view key, std::string_view value) {
        text_ += fmt::format("{} {} {}\n", key, value.size(), value);
    }
    void add(std::string_view key, std::uint32_t value) { text_ += fmt::format("{} {}\n", key, value); }
    void add(const Soa& soa) {
        add("mname", soa.mname);
        add("rname", soa.rname);
        add("refresh", soa.refresh);
        add("retry", soa.retry);
        add("expire", soa.expire);
        add("negative-ttl", soa.negative_ttl);
        add("soa-ttl", soa.ttl);
    }
    void add(const std::vector<NameServer>& servers) {
        for (const auto& server : servers) {
            add("name-server", server.name);
            for (const auto& address : server.addresses) add("address", address.to_string());
        }
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

} // namespace

std::string ZoneSet::digest() const {
    Canonical lines;
    for (const auto& zone : zones) {
        lines.add("zone", zone.apex);
        lines.add("classes", to_string(zone.classes));
        for (const auto& [cls, code] : zone.codes) lines.add(to_string(cls), code.to_string());
        lines.add("txt", zone.txt);
        lines.add("page", zone.page);
        lines.add("ttl", zone.ttl);
        lines.add(zone.soa);
        lines.add(zone.name_servers);
    }
    for (const auto& domain : probe_domains) {
        lines.add("probe-domain", domain.apex);
        lines.add("mail-exchanger", domain.mail_exchanger);
        for (const auto& address : domain.addresses) lines.add("address", address.to_string());
        if (!domain.callback_addresses.empty()) lines.add("callback", domain.callback);
        for (const auto& address : domain.callback_addresses) lines.add("address", address.to_string());
        lines.add("ttl", domain.ttl);
        lines.add(domain.soa);
        lines.add(domain.name_servers);
    }
    for (const auto& zone : static_zones) {
        lines.add("static-zone", zone.apex);
        lines.add(zone.soa.value_or(zone.fallback.soa));
        lines.add(zone.name_servers.empty() ? zone.fallback.name_servers : zone.name_servers);
    }
    for (const auto& zone : policy_zones) {
        lines.add("policy-zone", zone.apex);
        lines.add("zone", zone.zone);
        lines.add("classes", to_string(zone.classes));
        lines.add("trigger", rpz::to_string(zone.trigger));
        lines.add("action", rpz::to_string(zone.action));
        lines.add("redirect", zone.redirect);
        lines.add("ttl", zone.ttl);
        lines.add(zone.soa);
        lines.add(zone.name_servers);
    }
    for (const auto& catalog : catalogs) {
        lines.add("catalog", catalog.apex);
        lines.add(catalog.soa);
        for (const auto& member : catalog_members(*this, catalog)) {
            lines.add("member", member.apex.to_string());
            lines.add("group", member.group);
        }
    }
    std::array<unsigned char, 32> hash{};
    const auto& text = lines.text();
    if (EVP_Digest(text.data(), text.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("OpenSSL can't compute SHA-256");
    std::string hex;
    for (const auto octet : hash) hex += fmt::format("{:02x}", octet);
    return hex;
}

const std::map<ListingClass, Address>& default_codes() {
    static const std::map<ListingClass, Address> codes{
        {ListingClass::relay, Address::v4(127, 0, 0, 2)},    {ListingClass::socks, Address::v4(127, 0, 0, 8)},
        {ListingClass::http, Address::v4(127, 0, 0, 9)},     {ListingClass::chain, Address::v4(127, 0, 0, 10)},
        {ListingClass::wingate, Address::v4(127, 0, 0, 14)}, {ListingClass::router, Address::v4(127, 0, 0, 15)},
        {ListingClass::web, Address::v4(127, 0, 0, 11)},
    };
    return codes;
}

bool is_test_entry(const ZoneDefinition& zone, const Address& address) {
    if (zone.classes.empty()) return false;
    if (address == Address::v4(127, 0, 0, 2)) return true;
    return std::any_of(zone.codes.begin(), zone.codes.end(), [&](const auto& entry) {
        return zone.classes.contains(entry.first) && entry.second == address;
    });
}

std::vector<Address> a_values(const ZoneDefinition& zone, const Address& address, ClassSet listed) {
    if (is_test_entry(zone, address)) return {address};
    if (address == Address::v4(127, 0, 0, 1)) return {}; // must never exist
    std::vector<Address> values;
    for (const auto& [cls, code] : zone.codes) {
        if (zone.classes.contains(cls) && listed.contains(cls)) values.push_back(code);
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

} // namespace provenbl::zones
