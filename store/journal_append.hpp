// Writing the journal. Inside store/ only: everything outside changes listings through ledger.hpp.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <string_view>

namespace provenbl::journal {

// Gives the change its sequence and time, and its case when it opens one. Returns the sequence.
std::uint64_t append(WriteTxn& txn, Change& change);

// Moves the serial on to `sequence`, which lies after the last: an entry without an address, and nobody may read on
// from before it.
void advance(WriteTxn& txn, std::uint64_t sequence, std::string_view note);

// From now on nobody may read on from before `sequence`.
void raise_floor(WriteTxn& txn, std::uint64_t sequence);

} // namespace provenbl::journal
