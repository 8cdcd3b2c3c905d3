// Taking off the list what an exclusion covers, in steps of bounded size, one transaction each.
//
// A wide prefix may cover a million listings. Entered, the exclusion holds for probes, visits and new listings at once;
// what is listed goes in steps, each delisting with its entry of the journal, and whoever was interrupted goes on from
// where it was. The first step is part of entering it, so that an ordinary exclusion is done when it is committed.
#pragma once

#include "store/exclusion_sweep.hpp"
#include "store/records.hpp"
#include "store/store.hpp"

#include <optional>

namespace provenbl::sweeps {

inline constexpr std::size_t examined_at_once = 5000; // hosts looked at in one step
inline constexpr std::size_t changed_at_once = 500;   // hosts changed in one step

// Enters the exclusion and does the first step; returns how many hosts that delisted. One that is entered again is
// swept again from its beginning. ledger::exclude is this, with the sizes above.
Result<std::size_t> begin(WriteTxn& txn, const Exclusion& exclusion, std::size_t examine = examined_at_once,
                          std::size_t change = changed_at_once);

struct Step {
    ExclusionSweep sweep;
    std::size_t delisted = 0; // by this step
    bool finished = false;
};
// Goes on with the first sweep that is under way. Absent: none is. The sweep of an exclusion that has ended, or that
// was taken back, ends too.
Result<std::optional<Step>> step(WriteTxn& txn, std::size_t examine = examined_at_once,
                                 std::size_t change = changed_at_once);

[[nodiscard]] bool under_way(const ReadTxn& txn);
// Of this exclusion, while it is under way.
[[nodiscard]] std::optional<ExclusionSweep> find(const ReadTxn& txn, const Prefix& exclusion);
// Begins at the beginning with the next step; for listings that came in by another way. Inside store/ only.
void again(WriteTxn& txn, const Prefix& exclusion);

} // namespace provenbl::sweeps
