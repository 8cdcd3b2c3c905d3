// Who may take whole zones: mirrors by their key, and networks that the configuration names.
//
// A table that never changes; a new one takes its place when a mirror comes or goes (mirror_ring.hpp). Pure.
#pragma once

#include "dnsbl/exchange.hpp"
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
    bool tls = false; // its transfers go over TLS (RFC 9103), and no other way

    [[nodiscard]] bool takes(const zones::Zone& zone) const;
};

class TransferAccess {
public:
    TransferAccess() = default; // nobody
    // `require_tls`: of everybody; else of those mirrors that say so.
    TransferAccess(std::vector<MirrorEntry> mirrors, std::vector<Prefix> allow_unsigned, bool require_tls = false);

    // Against which requests are checked. Pointers into it live as long as this.
    [[nodiscard]] const wire::TsigKeys& keys() const { return keys_; }
    // What stands in the way; Refusal::none: nothing. `key`: of keys(), the one that signed the request; null when it
    // was not signed.
    [[nodiscard]] Refusal judge(const Address& client, Channel channel, const wire::TsigKey* key,
                                const zones::Zone& zone) const;
    [[nodiscard]] bool allowed(const Address& client, const wire::TsigKey* key, const zones::Zone& zone,
                               Channel channel = Channel::clear) const {
        return judge(client, channel, key, zone) == Refusal::none;
    }
    // Whose key that is; null: nobody's.
    [[nodiscard]] const MirrorEntry* owner(const wire::TsigKey* key) const;
    [[nodiscard]] const MirrorEntry* find(std::uint64_t id) const;
    [[nodiscard]] std::span<const MirrorEntry> mirrors() const { return mirrors_; }

private:
    std::vector<MirrorEntry> mirrors_;
    std::vector<Prefix> allow_unsigned_;
    bool require_tls_ = false;
    wire::TsigKeys keys_;
};

} // namespace provenbl::dnsbl::transfer
