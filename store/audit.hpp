// Who was listed when and why, for ever: one line for each case, made of the journal's entries as they are trimmed.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <vector>

namespace provenbl::audit {

// The cases of one address whose beginning was trimmed, the oldest first. What happened since is in the journal.
[[nodiscard]] std::vector<AuditLine> of(const ReadTxn& txn, const Address& address);

// The serving entry that the trimmed part of the journal made, while the case is in force.
[[nodiscard]] Listing listing_of(const AuditLine& line);

// Takes an entry that is about to be trimmed into the line of its case. Entries come in the journal's order. Inside
// store/ only.
void fold(WriteTxn& txn, const Change& change);

} // namespace provenbl::audit
