// The change journal: append-only. Zone serials, incremental transfers and the audit trail are this table.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <functional>
#include <vector>

namespace provenbl::journal {

// The last sequence, 0 for an empty journal.
[[nodiscard]] std::uint64_t last(const ReadTxn& txn);

// The oldest sequence from which the journal still tells everything that came after it: 0 while nothing was trimmed.
// Who holds an older state (a follower, a secondary with an older serial) must begin anew: what lies between is gone,
// or never was (a restore that moved the serial on).
[[nodiscard]] std::uint64_t floor(const ReadTxn& txn);

// Changes with a sequence greater than `after`, in order, until visit returns false.
void walk(const ReadTxn& txn, std::uint64_t after, const std::function<bool(const Change&)>& visit);

// The changes of one address, newest first.
[[nodiscard]] std::vector<Change> of(const ReadTxn& txn, const Address& address, std::size_t at_most);

// Records that the zones' definition changed (digest differs from the one last seen), so that the serial
// moves and mirrors fetch again. Returns whether an entry was written.
bool note_configuration(WriteTxn& txn, std::string_view digest);

// What was noted last, and at which sequence: never goes back, not even by a restore.
struct Configuration {
    std::string digest; // empty: nothing has been noted
    std::uint64_t sequence = 0;
};
[[nodiscard]] Configuration configuration(const ReadTxn& txn);

} // namespace provenbl::journal
