#include "store/exclusions.hpp"

#include "store/derived_keys.hpp"
#include "store/listing_unit.hpp"
#include "store/tables.hpp"

#include <bit>

namespace provenbl::exclusions {
namespace {

bool in_force(const Exclusion& exclusion, Time now) {
    return exclusion.until == Time{} || now < exclusion.until;
}

unsigned common_bits(const Address& a, const Address& b) {
    unsigned bits = 0;
    for (std::size_t i = 0; i < a.bytes().size(); ++i, bits += 8) {
        const auto differs = static_cast<std::uint8_t>(a.bytes()[i] ^ b.bytes()[i]);
        if (differs != 0) return bits + static_cast<unsigned>(std::countl_zero(differs));
    }
    return bits;
}

// One of a part of the unit: listing the unit would list that part.
std::optional<Exclusion> inside(const ReadTxn& txn, const Prefix& unit, Time now) {
    std::optional<Exclusion> found;
    txn.txn.walk(txn.tables.exclusions, keys::address(unit.base()), [&](lmdb::Bytes key, lmdb::Bytes value) {
        if (!unit.contains(keys::to_address(key))) return false;
        auto exclusion = codec::decode<Exclusion>(value);
        if (in_force(exclusion, now)) found = std::move(exclusion);
        return !found;
    });
    return found;
}

} // namespace

// Asked for each connection that is made, so not each length is looked up. What covers an address is not after it in
// the table; and where the last entry that is not after it does not cover it, whatever does is no longer than what the
// two have in common, or it would lie between them.
std::optional<Exclusion> covering(const ReadTxn& txn, const Address& address, Time now) {
    if (txn.txn.entries(txn.tables.exclusions) == 0) return std::nullopt;
    std::optional<Exclusion> found;
    for (auto longest = static_cast<int>(address.bits()); longest >= 0 && !found;) {
        const auto from = exclusion_key(Prefix::of(address, static_cast<unsigned>(longest)));
        auto next = -1;
        txn.txn.walk_back(txn.tables.exclusions, from, [&](lmdb::Bytes key, lmdb::Bytes value) {
            const auto base = keys::to_address(key);
            if (base.bits() != address.bits()) return false;
            const auto prefix = Prefix::of(base, static_cast<std::uint8_t>(key.back()));
            if (!prefix.contains(address)) {
                next = static_cast<int>(common_bits(base, address));
                return false;
            }
            auto exclusion = codec::decode<Exclusion>(value);
            if (in_force(exclusion, now)) found = std::move(exclusion);
            next = static_cast<int>(prefix.length()) - 1;
            return false;
        });
        longest = next;
    }
    if (found) return found;
    const auto unit = listing_unit::covered(txn, address);
    return unit.length() == address.bits() ? std::nullopt : inside(txn, unit, now);
}

void walk(const ReadTxn& txn, const std::function<bool(const Exclusion&)>& visit) {
    txn.txn.walk(txn.tables.exclusions, {},
                 [&](lmdb::Bytes, lmdb::Bytes value) { return visit(codec::decode<Exclusion>(value)); });
}

bool remove(WriteTxn& txn, const Prefix& prefix) {
    if (!txn.txn.erase(txn.tables.exclusions, exclusion_key(prefix))) return false;
    txn.txn.erase(txn.tables.sweeps, exclusion_key(prefix));
    return true;
}

} // namespace provenbl::exclusions
