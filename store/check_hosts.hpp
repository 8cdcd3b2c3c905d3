// The parts of a check. Inside store/ only.
#pragma once

#include "store/check_findings.hpp"
#include "store/replay.hpp"

namespace provenbl::check {

// hosts against listed4, listed6, evidence, scans, due, running, manual and the replayed journal.
void check_hosts(const ReadTxn& txn, const replay::Index& index, Findings& findings);
// exclusions, as far as their sweeps have come, against what is listed.
void check_exclusions(const ReadTxn& txn, Time now, Findings& findings);
// journal and audit, each entry after the one before, against journal_hosts. Gives the index that they make.
[[nodiscard]] replay::Index check_journal(const ReadTxn& txn, Findings& findings);
// evidence, scans, tokens, reports, reporters with what is derived from them; notices, purges, access keys: every
// record can be read and lies where it belongs; counters.
void check_records(const ReadTxn& txn, Findings& findings);

void check_letters(const ReadTxn& txn, Findings& findings);

} // namespace provenbl::check
