// Writing the journal. Inside store/ only: everything outside changes listings through ledger.hpp.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

namespace provenbl::journal {

// Gives the change its sequence and time, and its case when it opens one. Returns the sequence.
std::uint64_t append(WriteTxn& txn, Change& change);

} // namespace provenbl::journal
