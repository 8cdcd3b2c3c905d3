#include "store/exclusions.hpp"

#include "store/derived_keys.hpp"
#include "store/listing_unit.hpp"
#include "store/tables.hpp"

namespace provenbl::exclusions {
namespace {

bool in_force(const Exclusion& exclusion, Time now) {
    return exclusion.until == Time{} || now < exclusion.until;
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

std::optional<Exclusion> covering(const ReadTxn& txn, const Address& address, Time now) {
    if (txn.txn.entries(txn.tables.exclusions) == 0) return std::nullopt;
    for (unsigned length = address.bits() + 1; length-- > 0;) {
        auto found = get_record<Exclusion>(txn, txn.tables.exclusions, exclusion_key(Prefix::of(address, length)));
        if (found && in_force(*found, now)) return found;
    }
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
