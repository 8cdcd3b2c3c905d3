#include "store/exclusions.hpp"

#include "store/tables.hpp"

namespace provenbl::exclusions {

std::optional<Exclusion> covering(const ReadTxn& txn, const Address& address, Time now) {
    if (txn.txn.entries(txn.tables.exclusions) == 0) return std::nullopt;
    for (unsigned length = address.bits() + 1; length-- > 0;) {
        const auto key = keys::address(Prefix::of(address, length).base()) + static_cast<char>(length);
        auto found = get_record<Exclusion>(txn, txn.tables.exclusions, key);
        if (found && (found->until == Time{} || now < found->until)) return found;
    }
    return std::nullopt;
}

void walk(const ReadTxn& txn, const std::function<bool(const Exclusion&)>& visit) {
    txn.txn.walk(txn.tables.exclusions, {},
                 [&](lmdb::Bytes, lmdb::Bytes value) { return visit(codec::decode<Exclusion>(value)); });
}

bool remove(WriteTxn& txn, const Prefix& prefix) {
    return txn.txn.erase(txn.tables.exclusions, keys::address(prefix.base()) + static_cast<char>(prefix.length()));
}

} // namespace provenbl::exclusions
