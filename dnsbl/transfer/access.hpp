// Who may take whole zones: mirrors by their key, and networks that the configuration names.
//
// A table that never changes; a new one takes its place when a mirror comes or goes (mirror_ring.hpp). Pure.
#pragma once

#include "dnsbl/wire/tsig.hpp"
#include "store/address.hpp"
#include "zones/domain_name.hpp"
#include "zones/zone.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace provenbl::dnsbl::transfer {

// A secondary, as serving sees it.
struct MirrorEntry {
    std::uint64_t id = 0; // of the store's record
    std::string name;
    wire::TsigKey key;
    std::vector<Endpoint> notify;         // where it hears of changes
    std::vector<Prefix> from;             // where it must come from; empty: anywhere, its signature will do
    std::vector<zones::DomainName> zones; // empty: every list that is open to all, and the catalog

    bool reads_catalog = true;

    [[nodiscard]] bool takes(const zones::Zone& zone) const;
};

class TransferAccess {
public:
    TransferAccess() = default; // nobody
    TransferAccess(std::vector<MirrorEntry> mirrors, std::vector<Prefix> allow_unsigned);

    // Against which requests are checked. Pointers into it live as long as this.
    [[nodiscard]] const wire::TsigKeys& keys() const { return keys_; }
    // `key`: of keys(), the one that signed the request; null when it was not signed.
    [[nodiscard]] bool allowed(const Address& client, const wire::TsigKey* key, const zones::Zone& zone) const;
    [[nodiscard]] std::span<const MirrorEntry> mirrors() const { return mirrors_; }

private:
    std::vector<MirrorEntry> mirrors_;
    std::vector<Prefix> allow_unsigned_;
    wire::TsigKeys keys_;
};

} // namespace provenbl::dnsbl::transfer
