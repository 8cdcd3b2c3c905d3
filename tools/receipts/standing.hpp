// How an address stood at some time in the past: what the journal, or what remains of it, says.
//
// The journal is the truth of what was listed when. Where its entries were trimmed, an audit line can still say that an
// address was listed, never that it was not; and where entries were lost (a restore from an older backup moves the
// serial on), nothing can be said. Times are those of our own clock; should it have been set back, entries of the
// repeated span count in the journal's order.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace provenbl::tools::receipts {

enum class State : std::uint8_t { listed, not_listed, unknown };
[[nodiscard]] std::string_view to_string(State state); // "listed", "not-listed", "unknown"

struct Standing {
    State state = State::unknown;
    ClassSet classes;
    bool classes_exact = true;   // false: it was listed in at least one of them, by an audit line
    std::uint64_t case_id = 0;   // of the listing
    std::uint64_t entry = 0;     // the journal's position at that time; 0: before what it has
    bool list_shut_down = false; // the zones were empty then, whatever was listed
    std::string basis;           // "journal", "audit"; empty: nothing tells
    std::string reason;          // why it is unknown
};

// Error invalid for a time that has not come yet.
[[nodiscard]] Result<Standing> standing_at(const ReadTxn& txn, const Address& address, Time at, Time now);

} // namespace provenbl::tools::receipts
