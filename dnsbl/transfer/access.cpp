#include "dnsbl/transfer/access.hpp"

#include <algorithm>

namespace provenbl::dnsbl::transfer {
namespace {

bool within(const Address& client, const std::vector<Prefix>& networks) {
    return std::any_of(networks.begin(), networks.end(),
                       [&](const Prefix& network) { return network.contains(client); });
}

} // namespace

bool MirrorEntry::takes(const zones::Zone& zone) const {
    if (zone.static_place()) return false; // their files are what is copied
    // What needs an access key, and the domain of the probes, are given only to who was named for them.
    if (zones.empty()) return zone.is_catalog() ? reads_catalog : !zone.shown().empty() && !zone.needs_key();
    return std::find(zones.begin(), zones.end(), zone.apex()) != zones.end();
}

TransferAccess::TransferAccess(std::vector<MirrorEntry> mirrors, std::vector<Prefix> allow_unsigned)
    : mirrors_(std::move(mirrors)), allow_unsigned_(std::move(allow_unsigned)) {
    std::vector<wire::TsigKey> keys;
    for (const auto& mirror : mirrors_) keys.push_back(mirror.key);
    keys_ = wire::TsigKeys(std::move(keys));
}

bool TransferAccess::allowed(const Address& client, const wire::TsigKey* key, const zones::Zone& zone) const {
    if (key == nullptr) return !zone.needs_key() && within(client, allow_unsigned_);
    return std::any_of(mirrors_.begin(), mirrors_.end(), [&](const MirrorEntry& mirror) {
        return mirror.key.name == key->name && mirror.key.algorithm == key->algorithm && mirror.takes(zone) &&
               (mirror.from.empty() || within(client, mirror.from));
    });
}

} // namespace provenbl::dnsbl::transfer
