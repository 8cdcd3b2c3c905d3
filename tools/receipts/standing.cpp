#include "tools/receipts/standing.hpp"

#include "store/audit.hpp"
#include "store/journal.hpp"
#include "store/listing_unit.hpp"
#include "store/notices.hpp"

#include <algorithm>
#include <bit>
#include <optional>

namespace provenbl::tools::receipts {
namespace {

constexpr std::size_t most_changes = 100'000; // of one address: a change takes a visit
constexpr std::size_t most_notices = 10'000;

std::optional<Change> next_after(const ReadTxn& txn, std::uint64_t sequence) {
    std::optional<Change> next;
    journal::walk(txn, sequence, [&](const Change& change) {
        next = change;
        return false;
    });
    return next;
}

// The last entry that is not after `at`; 0 when the journal has none so old. A search by halves: entries lie in the
// order of their time.
std::uint64_t position_at(const ReadTxn& txn, Time at) {
    std::uint64_t low = 0;
    std::uint64_t high = journal::last(txn);
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        const auto next = next_after(txn, middle);
        if (next && next->at <= at)
            low = next->sequence;
        else
            high = middle;
    }
    return low;
}

bool was_shut_down(const ReadTxn& txn, Time at) {
    for (const auto& notice : notices::newest(txn, most_notices)) {
        if (notice.at > at || notice.kind == NoticeKind::purge) continue;
        return notice.kind == NoticeKind::shutdown;
    }
    return false;
}

Standing by_audit(const std::vector<AuditLine>& lines, Time at) {
    Standing standing;
    for (const auto& line : lines) {
        if (line.listed > at || (line.in_force.empty() && line.ended <= at)) continue;
        standing.state = State::listed;
        standing.classes = line.classes;
        standing.classes_exact = std::has_single_bit(line.classes.bits());
        standing.case_id = line.case_id;
        standing.basis = "audit";
        return standing;
    }
    standing.reason = "the journal does not reach back to that time any more, and no audit line says that the address "
                      "was listed then: it can't be said";
    return standing;
}

} // namespace

std::string_view to_string(State state) {
    switch (state) {
    case State::listed:
        return "listed";
    case State::not_listed:
        return "not-listed";
    case State::unknown:
        break;
    }
    return "unknown";
}

Result<Standing> standing_at(const ReadTxn& txn, const Address& address, Time at, Time now) {
    if (at > now) return Error{Errc::invalid, "that time has not come yet: nobody can say how an address will stand"};
    const auto unit = listing_unit::of(txn, address);
    const auto lines = audit::of(txn, unit);
    const auto position = position_at(txn, at);
    Standing standing;
    if (position == 0) {
        standing = by_audit(lines, at);
        standing.list_shut_down = was_shut_down(txn, at);
        return standing;
    }
    standing.entry = position;
    standing.list_shut_down = was_shut_down(txn, at);
    if (const auto next = next_after(txn, position); next && next->sequence != position + 1) {
        standing.reason =
            "entries of the journal were lost in that span (the data were restored from an older backup): "
            "it can't be said";
        return standing;
    }
    standing.basis = "journal";
    const auto changes = journal::of(txn, unit, most_changes);
    const auto last =
        std::find_if(changes.begin(), changes.end(), [&](const Change& change) { return change.sequence <= position; });
    if (last != changes.end()) {
        standing.classes = last->after;
        standing.case_id = last->case_id;
    } else if (!lines.empty()) { // its beginning was trimmed, and it went on
        standing.classes = lines.back().in_force;
        standing.case_id = lines.back().case_id;
    }
    standing.state = standing.classes.empty() ? State::not_listed : State::listed;
    if (standing.state == State::not_listed) standing.case_id = 0;
    return standing;
}

} // namespace provenbl::tools::receipts
