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

TransferAccess::TransferAccess(std::vector<MirrorEntry> mirrors, std::vector<Prefix> allow_unsigned, bool require_tls)
    : mirrors_(std::move(mirrors)), allow_unsigned_(std::move(allow_unsigned)), require_tls_(require_tls) {
    std::vector<wire::TsigKey> keys;
    for (const auto& mirror : mirrors_) keys.push_back(mirror.key);
    keys_ = wire::TsigKeys(std::move(keys));
}

Refusal TransferAccess::judge(const Address& client, Channel channel, const wire::TsigKey* key,
                              const zones::Zone& zone) const {
    const auto* mirror = owner(key);
    if (mirror == nullptr && (key != nullptr || zone.needs_key() || !within(client, allow_unsigned_)))
        return Refusal::unsigned_;
    if (mirror != nullptr && !mirror->takes(zone)) return Refusal::zone;
    if (mirror != nullptr && !mirror->from.empty() && !within(client, mirror->from)) return Refusal::network;
    switch (channel) {
    case Channel::clear:
        return require_tls_ || (mirror != nullptr && mirror->tls) ? Refusal::clear : Refusal::none;
    case Channel::old_tls:
        return Refusal::old_tls;
    case Channel::uncertified:
        return Refusal::certificate;
    case Channel::tls:
        break;
    }
    return Refusal::none;
}

const MirrorEntry* TransferAccess::owner(const wire::TsigKey* key) const {
    if (key == nullptr) return nullptr;
    const auto found = std::find_if(mirrors_.begin(), mirrors_.end(), [&](const MirrorEntry& mirror) {
        return mirror.key.name == key->name && mirror.key.algorithm == key->algorithm;
    });
    return found == mirrors_.end() ? nullptr : &*found;
}

const MirrorEntry* TransferAccess::find(std::uint64_t id) const {
    const auto found =
        std::find_if(mirrors_.begin(), mirrors_.end(), [&](const MirrorEntry& mirror) { return mirror.id == id; });
    return found == mirrors_.end() ? nullptr : &*found;
}

} // namespace provenbl::dnsbl::transfer
