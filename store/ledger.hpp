// What may change a host: the only writer of hosts, serving index, evidence, scans, due queue and journal.
//
// Each function leaves these tables consistent with each other inside one transaction, so what DNS says
// and why it says so are never apart. Listing takes an Evidence, delisting a Clearance; neither can be
// made up (tokens.hpp, below).
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"
#include "store/tokens.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace provenbl {

// Why holes of a host may be closed. Made only from a finished visit, an age, or an exclusion.
class Clearance {
public:
    // The visit refused every hole in `holes` (or found nothing serving / nothing arriving, as `reason` says).
    // Error invalid when a step of the scan says open for one of them, or no step speaks of one of them.
    static Result<Clearance> from_scan(const Scan& scan, const std::vector<Hole>& holes, ChangeReason reason);
    // Nobody could reach the host since `last_answer`, longer than `span` before `now`.
    static Result<Clearance> from_silence(const Host& host, Duration span, Time now);
    static Clearance from_exclusion(const Host& host, const Exclusion& exclusion);
    // What the purge matches of the host; error not_found when that is nothing.
    static Result<Clearance> from_purge(const Host& host, const Purge& purge);
    // What was entered by hand and has reached its end; error not_found when nothing has.
    static Result<Clearance> from_end(const Host& host, Time now);
    // All that was entered by hand; error not_found when there is nothing.
    static Result<Clearance> from_withdrawal(const Host& host, std::string_view note);
    // Holes that nothing has proven for `span`, though they were looked at; error invalid when there are none.
    static Result<Clearance> from_age(const Host& host, Duration span, Time now);

    [[nodiscard]] const Address& host() const { return host_; }
    [[nodiscard]] const std::vector<Hole>& holes() const { return holes_; }
    [[nodiscard]] const std::vector<ManualListing>& manual() const { return manual_; }
    [[nodiscard]] ChangeReason reason() const { return reason_; }
    [[nodiscard]] const std::string& note() const { return note_; }

private:
    Clearance(Address host, std::vector<Hole> holes, ChangeReason reason, std::string note,
              std::vector<ManualListing> manual = {})
        : host_(host), holes_(std::move(holes)), manual_(std::move(manual)), reason_(reason), note_(std::move(note)) {}
    Address host_;
    std::vector<Hole> holes_;
    std::vector<ManualListing> manual_;
    ChangeReason reason_;
    std::string note_;
};

namespace ledger {

inline constexpr std::size_t max_steps = 512; // of a scan; later ones are dropped
inline constexpr std::size_t max_holes = 64;  // of a host; a further one is refused with Errc::limit
inline constexpr std::size_t kept_scans = 16; // per host

// ---- ways in ----

// Queues a visit. One that is queued already is brought forward (the more urgent kind and the earlier time win)
// and answers this report as well; one that is running is followed by another for an owner, and shared by a report,
// unless the host was delisted while it runs. Error not_allowed for an excluded address.
Result<Scan> request_scan(WriteTxn& txn, const Address& host, ScanKind kind, Time due,
                          const std::vector<std::uint16_t>& ports);
// A report by the same reporter that is still open takes this one in. Without a due time it waits for somebody else to
// name the host as well.
Result<Report> file_report(WriteTxn& txn, Report report, std::optional<Time> due);

// ---- a visit ----

// Visits that are due at `now`, owners first, then reports, then rescans; each by due time. Calls visit until it
// returns false. Read-only: taking one is start_scan.
void walk_due(const ReadTxn& txn, Time now, const std::function<bool(const Address&, ScanKind, Time due)>& visit);
[[nodiscard]] std::size_t due_count(const ReadTxn& txn);
[[nodiscard]] std::optional<Time> next_due(const ReadTxn& txn);

// queued -> running. Error conflict when it is not queued.
Result<Scan> start_scan(WriteTxn& txn, const Address& host);
// Appends to a running scan, for those who follow it live.
void add_steps(WriteTxn& txn, const Address& host, std::uint64_t scan_id, const std::vector<ScanStep>& steps);
void add_step(WriteTxn& txn, const Address& host, std::uint64_t scan_id, const ScanStep& step);
// running -> finished; writes the host's new counters (never its holes) and, when next_due is set, queues the
// next visit of that kind.
struct Finish {
    std::string outcome;
    std::uint32_t clean_streak = 0;
    std::uint32_t silent_streak = 0;
    std::uint32_t inconclusive_streak = 0;
    bool counted = false; // one of the streaks was moved by this scan
    std::uint32_t open_answers = 0;
    bool answered = false;
    std::optional<Time> next_due;
    ScanKind next_kind = ScanKind::rescan;
    std::string software; // kept as it was when empty
};
Result<Scan> finish_scan(WriteTxn& txn, const Address& host, std::uint64_t scan_id, const Finish& finish);
// After a crash, of this process or another: visits left running that started before a time are queued again, at
// once. Returns how many.
std::size_t requeue_interrupted(WriteTxn& txn, Time started_before = Time::max());

// ---- what changes a listing ----

// Lists the host that the evidence names: the entry for the probe's class. A token from before the host's last
// delisting does not list: it queues a visit and gives not_allowed, which the caller commits. next_due is when the next
// visit should come, unless an earlier one is queued.
Result<Host> list(WriteTxn& txn, const Evidence& evidence, Time next_due);
// Lists the exit as `chain`, when it differs from the entry. Error not_allowed when exit and entry are one.
Result<Host> list_exit(WriteTxn& txn, const Evidence& evidence, Time next_due);
// Closes holes. With the last one the host is delisted. `actor`: "verifier", "owner", "operator".
// `by`: which operator.
Result<Host> clear(WriteTxn& txn, const Clearance& clearance, std::string_view actor, std::string_view by = {});

// Lists without proof, where the operator's rules allow that; replaces what was entered by hand for the same class.
// Errors: invalid (no reason, nobody who answers for it, an end that is past or further off than longest_manual),
// not_allowed (excluded).
inline constexpr Duration longest_manual = std::chrono::hours(366 * 24);
Result<Host> list_manually(WriteTxn& txn, const Address& address, const ManualListing& entry);
// Takes back all that was entered by hand. Error not_found when there is nothing.
Result<Host> end_manual(WriteTxn& txn, const Address& address, std::string_view note, std::string_view by);
// Ends what has reached its end at `now`, at most `limit` hosts; returns how many.
std::size_t expire_manual(WriteTxn& txn, Time now, std::size_t limit);

// Enters an exclusion; what it covers is delisted and its queued visits are dropped, in steps (sweeps.hpp): the first.
Result<std::size_t> exclude(WriteTxn& txn, const Exclusion& exclusion);

} // namespace ledger
} // namespace provenbl
