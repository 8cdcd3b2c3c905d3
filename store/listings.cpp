#include "store/listings.hpp"

#include "store/derived_keys.hpp"
#include "store/journal_append.hpp"
#include "store/tables.hpp"

#include <algorithm>

namespace provenbl::ledger {
void put_listing(WriteTxn& txn, const Host& host) {
    const auto table = host.address.is_v4() ? txn.tables.listed4 : txn.tables.listed6;
    const auto key = keys::bare(host.address);
    if (!host.listed()) {
        txn.txn.erase(table, key);
        return;
    }
    const auto since = std::chrono::duration_cast<std::chrono::seconds>(host.listed_since.time_since_epoch()).count();
    txn.txn.put(table, key, codec::encode(Listing{host.classes(), static_cast<std::uint32_t>(since), host.case_id}));
}

void journal_change(WriteTxn& txn, Host& host, ClassSet before, ChangeReason reason, const Cause& cause) {
    Change change;
    change.address = host.address;
    change.before = before;
    change.after = host.classes();
    change.reason = reason;
    change.case_id = host.case_id;
    change.actor = cause.actor;
    change.note = cause.note;
    change.by = cause.by;
    journal::append(txn, change);
    host.case_id = change.case_id;
}

bool names_outcome(ChangeReason reason) {
    return reason != ChangeReason::purged && reason != ChangeReason::manual_ended && reason != ChangeReason::excluded;
}

void note_end(WriteTxn& txn, const Address& host, const ManualListing& entry) {
    txn.txn.put(txn.tables.manual, end_key(host, entry), {});
}

void forget_end(WriteTxn& txn, const Host& host, const ManualListing& entry) {
    const bool shared = std::any_of(host.manual.begin(), host.manual.end(),
                                    [&](const ManualListing& other) { return other.until == entry.until; });
    if (!shared) txn.txn.erase(txn.tables.manual, end_key(host.address, entry));
}

} // namespace provenbl::ledger
