// What all that changes a listing shares: the serving entry and the line in the journal. Inside store/ only.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <string_view>

namespace provenbl::ledger {

// Writes the host's serving entry, or takes it out.
void put_listing(WriteTxn& txn, const Host& host);

struct Cause {
    std::string_view actor;
    std::string_view note;
    std::string_view by; // which operator
};
// The host is as it is from now on; a change that lists it opens a case.
void journal_change(WriteTxn& txn, Host& host, ClassSet before, ChangeReason reason, const Cause& cause);

// Does a delisting of this reason say something of the host? Others are our own doing, and hold nothing against it.
[[nodiscard]] bool names_outcome(ChangeReason reason);

// The table of ends of what was entered by hand.
void note_end(WriteTxn& txn, const Address& host, const ManualListing& entry);
// `host` without the entry: another that ends at the same moment shares its key.
void forget_end(WriteTxn& txn, const Host& host, const ManualListing& entry);

} // namespace provenbl::ledger
