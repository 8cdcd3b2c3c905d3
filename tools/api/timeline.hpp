// A host's life in order: what was reported, asked, tried, proven, listed and ended, by whom and why.
//
// Pure: records in, lines out, the oldest first. Each line carries the number of its journal entry where it has one.
// The public sees that a host was reported and on which day, not by whom, when exactly and how often: a spammer would
// find our traps by it. The same goes for the visits that reports ask for (public_view.hpp). The operator sees all.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools::api {

struct Life {
    std::vector<Change> changes;
    std::vector<AuditLine> audit; // of cases whose entries in the journal were trimmed
    std::vector<Scan> visits;
    std::vector<Report> reports;
    std::vector<CaseEvidence> evidence; // without transcript and message
    std::optional<Exclusion> exclusion; // in force
    bool cut = false;                   // there is more than was read
};
// The newest of everything, within bounds.
[[nodiscard]] Life read_life(const ReadTxn& txn, const Address& address, Time now);

enum class Reader { everybody, the_operator };

struct LifeLine {
    Time at{};
    std::uint64_t journal = 0; // 0: none
    std::string what;          // reported, asked, visited, proven, listed, changed, closed, delisted, excluded
    std::string actor;         // empty: not known any more
    std::string cause;         // not yet fit for display: a suspect's words may be in it
    bool operator==(const LifeLine&) const = default;
};
[[nodiscard]] std::vector<LifeLine> timeline(const Life& life, Reader reader);

} // namespace provenbl::tools::api
