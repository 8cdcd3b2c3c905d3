// The records that the store keeps: plain values, one struct each.
//
// A host is what we know of an address now; a Scan is one visit; a PendingProbe is a token on its way;
// a CaseEvidence is what a token proved; a Change is a line of the journal. How they become bytes, and
// how old bytes are still read, is codec.hpp. What may change them, and together with what, is ledger.hpp.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"
#include "store/listing_class.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace provenbl {

// ---- probes and scans -------------------------------------------------------------------------------

enum class Verdict : std::uint8_t {
    open = 0,         // proof: the token came back
    refused = 1,      // an explicit no at the level of the protocol
    closed_port = 2,  // connection refused: nothing serves there (an "unreachable" that is explicit)
    unreachable = 3,  // timeout, no route, reset, 421: unknown, never secured
    inconclusive = 4, // accepted, but nothing has arrived; or told to try later
};
[[nodiscard]] std::string_view to_string(Verdict verdict); // "open", "refused", "closed-port" ...

enum class ScanKind : std::uint8_t { owner = 0, report = 1, rescan = 2 }; // also the order of priority
[[nodiscard]] std::string_view to_string(ScanKind kind);

enum class ScanState : std::uint8_t { queued = 0, running = 1, finished = 2 };
[[nodiscard]] std::string_view to_string(ScanState state);

struct ScanStep {
    Time at{};
    std::string technique;
    Address target; // usually the host; the entry, when the host is the exit of a chain
    std::uint16_t port = 0;
    Verdict verdict = Verdict::inconclusive;
    std::string detail; // the suspect's words that decided, or why not
    bool operator==(const ScanStep&) const = default;
};

// One visit to a host: asked for, run, and what came of it. Kept so that an owner can follow it live from
// any process, and read it afterwards.
struct Scan {
    std::uint64_t id = 0; // counts up over the whole store
    Address host;
    ScanKind kind = ScanKind::report;
    ScanState state = ScanState::queued;
    Time requested{};
    Time due{};
    Time started{};
    Time finished{};
    std::vector<std::uint16_t> ports; // reported ports, tried first
    std::vector<ScanStep> steps;      // bounded by ledger::max_steps
    std::string outcome;              // one sentence once finished
    std::vector<Address> targets;     // what is probed, where the host is a network (listing_unit.hpp); else empty
    bool operator==(const Scan&) const = default;
};

// ---- tokens ------------------------------------------------------------------------------------------

using TokenId = std::array<std::uint8_t, 16>;

// Where a token may arrive. A datagram's source can be forged, so its tokens are of their own kind.
enum class SinkKind : std::uint8_t { mail = 0, callback = 1, datagram = 2 };
[[nodiscard]] std::string_view to_string(SinkKind kind);

// A token that was written before it was sent.
struct PendingProbe {
    TokenId id{};
    Endpoint target;
    std::string technique;
    ListingClass cls = ListingClass::relay;
    SinkKind sink = SinkKind::mail;
    Time written{};
    Time expires{};
    std::string repeat; // a command line with which the owner can repeat the test
    std::string software;
    std::string transcript; // attached when the conversation has ended
    // Set on arrival at the sink.
    bool arrived = false;
    Time arrived_at{};
    Address exit;                // who connected to the sink
    std::uint16_t sink_port = 0; // 25 is the graver finding
    std::string message;         // what arrived, as it arrived
    // Set when it became evidence.
    bool redeemed = false;
    std::uint64_t case_id = 0;
    std::uint16_t ordinal = 0;
    std::string carrier; // the worker that carries the token; empty: we do it ourselves
    bool operator==(const PendingProbe&) const = default;
};

// What the sink saw.
struct Arrival {
    Time at{};
    Address exit;
    std::uint16_t sink_port = 0;
    std::string message;
    std::string sender{}; // of a mail, as its envelope said; empty for the null sender
};

// ---- hosts and evidence ------------------------------------------------------------------------------

// One proven way to abuse a host. A listing is the set of its host's holes.
struct Hole {
    std::string technique;
    Address entry; // where the probe connects; differs from the host for the exit of a chain
    std::uint16_t port = 0;
    ListingClass cls = ListingClass::relay;
    std::uint16_t ordinal = 0; // its evidence within the case
    Time first_proven{};
    Time last_proven{};
    bool operator==(const Hole&) const = default;
};

// A listing by hand, without proof: always with a reason, somebody who answers for it, and an end.
struct ManualListing {
    ListingClass cls = ListingClass::relay;
    std::string reason; // public
    std::string by;     // the operator's own business
    Time since{};
    Time until{};
    bool operator==(const ManualListing&) const = default;
};

struct Host {
    Address address;
    std::vector<Hole> holes;           // what was proven
    std::vector<ManualListing> manual; // what was entered by hand, one for each class; not listed when both are empty
    std::uint64_t case_id = 0;         // of the current listing, or of the last one
    Time listed_since{};
    Time delisted_at{};
    Time last_scan{};
    Time last_counted{}; // the last scan that moved a streak
    Time last_answer{};  // the last scan in which anything answered
    std::uint32_t scans = 0;
    std::uint32_t clean_streak = 0;  // scans in a row in which every hole was refused
    std::uint32_t silent_streak = 0; // ... in which nothing answered
    std::uint32_t inconclusive_streak = 0;
    std::uint32_t relistings = 0;   // how often it came back after a delisting
    std::uint32_t open_answers = 0; // owner's requests in a row that found it still open
    std::uint16_t next_ordinal = 0; // of evidence within the case
    bool pardoned = false;          // the last listing ended by our doing: to come back after it is no flip
    std::string software;
    // Visits by scan id, 0 when there is none. One may be queued behind the one that runs.
    std::uint64_t running_scan = 0;
    std::uint64_t queued_scan = 0;
    ScanKind due_kind = ScanKind::report; // of the queued one
    Time due{};
    bool operator==(const Host&) const = default;

    [[nodiscard]] ClassSet classes() const;
    [[nodiscard]] bool listed() const { return !holes.empty() || !manual.empty(); }
};

struct CaseEvidence {
    Address host;
    std::uint64_t case_id = 0;
    std::uint16_t ordinal = 0;
    std::string technique;
    ListingClass cls = ListingClass::relay;
    Endpoint entry;
    Address exit;
    std::uint16_t sink_port = 0;
    TokenId token{};
    Time sent{};
    Time arrived{};
    std::string software;
    std::string repeat;
    std::string transcript;
    std::string message;
    bool operator==(const CaseEvidence&) const = default;
};

// The serving index: small and fixed.
struct Listing {
    ClassSet classes;
    std::uint32_t since = 0;   // Unix seconds
    std::uint64_t case_id = 0; // 48 bits
    bool operator==(const Listing&) const = default;
};

// ---- reports, exclusions, journal --------------------------------------------------------------------

enum class ReportState : std::uint8_t {
    open = 0,     // waits for a visit's outcome, or for somebody else to say so too
    right = 1,    // the host was proven open
    wrong = 2,    // the host was found closed everywhere
    unclear = 3,  // visited, and neither
    withdrawn = 4 // the address may not be visited any more
};
[[nodiscard]] std::string_view to_string(ReportState state);

// What one reporter says of one host. While it is open, whatever he says again is merged into it.
struct Report {
    std::uint64_t id = 0;
    Address host;
    std::vector<std::uint16_t> ports;
    std::string reporter; // who says so: "operator", "anonymous", a key's name
    std::string comment;
    Time received{};
    std::uint64_t scan_id = 0; // the visit that answers it; 0 while it waits for a second reporter
    std::uint32_t reporter_id = 0;
    std::uint32_t count = 1; // how often it was said
    Time last{};             // when it was said last
    ReportState state = ReportState::open;
    Address named; // the very address that was reported, which is probed (listing_unit.hpp)
    bool operator==(const Report&) const = default;
};

// Somebody who may report, known by the hash of a key.
struct Reporter {
    std::uint32_t id = 0; // from 2; reporters.hpp names the others
    std::string name;     // one name is one party for ever
    std::string key_hash; // SHA-256, 32 bytes; the key itself is nowhere
    std::string note;
    bool trap = false; // a trap of ours: counts as our own evidence
    std::uint32_t per_hour = 0;
    std::uint32_t per_day = 0;
    std::int32_t standing = 0; // reporters.hpp
    std::uint64_t received = 0;
    std::uint64_t right = 0;
    std::uint64_t wrong = 0;
    Time created{};
    Time revoked{};
    // The windows that the limits are counted in.
    Time hour_begun{};
    Time day_begun{};
    std::uint32_t in_hour = 0;
    std::uint32_t in_day = 0;
    bool operator==(const Reporter&) const = default;
};

struct Exclusion {
    Prefix prefix = Prefix::of(Address{}, 32);
    std::string reason;
    std::string by;
    Time created{};
    Time until{}; // never, when it does not end
    bool operator==(const Exclusion&) const = default;
};

enum class ChangeReason : std::uint8_t {
    proven = 0,        // a token came back
    secured = 1,       // every hole is refused
    silent = 2,        // nothing answers any more
    inconclusive = 3,  // accepted, but nothing has arrived, several scans in a row
    expired = 4,       // nobody could reach it for too long
    excluded = 5,      // an exclusion was entered
    configuration = 6, // the zones' definition changed: no address, the serial moves
    manual = 7,        // listed by hand, without proof
    manual_ended = 8,  // such a listing ended: its time came, or somebody took it back
    purged = 9,        // part of a bad batch
    shutdown = 10,     // the list was shut down: no address, the zones are empty from here on
    resumed = 11,      // ... and opened again: no address
};
// Whether a change of this reason is one of a host; the others only move the serial.
[[nodiscard]] constexpr bool names_host(ChangeReason reason) {
    return reason != ChangeReason::configuration && reason != ChangeReason::shutdown && reason != ChangeReason::resumed;
}
[[nodiscard]] std::string_view to_string(ChangeReason reason);

struct Change {
    std::uint64_t sequence = 0; // from 1
    Time at{};
    Address address;
    ClassSet before;
    ClassSet after;
    ChangeReason reason = ChangeReason::proven;
    std::uint64_t case_id = 0; // the sequence of the change that opened the case
    std::string actor;         // "verifier", "owner", "operator"
    std::string note;          // public, as all of the above
    std::string by;            // which operator: nobody else's business
    bool operator==(const Change&) const = default;
};

// Who was listed when and why, for ever: what retention keeps of a case whose journal entries it has trimmed.
struct AuditLine {
    Address address;
    std::uint64_t case_id = 0;
    Time listed{}; // when the case began
    ChangeReason opened = ChangeReason::proven;
    std::string why;                            // what the first entry said: the technique
    ClassSet classes;                           // every class that the case ever had
    ClassSet in_force;                          // after the last trimmed entry; empty: the case has ended
    Time ended{};                               // never, while in_force
    ChangeReason closed = ChangeReason::proven; // once it has ended
    std::uint64_t last_sequence = 0;
    bool operator==(const AuditLine&) const = default;
};

// ---- what the public is told, and why listings went in bulk (RFC 6471 3.4, 3.9) ---------------------------

enum class NoticeKind : std::uint8_t { purge = 0, shutdown = 1, resumed = 2 };
[[nodiscard]] std::string_view to_string(NoticeKind kind);

struct Notice {
    std::uint64_t id = 0;
    Time at{};
    NoticeKind kind = NoticeKind::purge;
    std::string text;
    std::string by;             // the operator's own business
    std::uint64_t purge_id = 0; // of a purge
    std::uint64_t delisted = 0; // by it
    bool operator==(const Notice&) const = default;
};

// Which listings are a bad batch. Empty members match everything.
struct PurgeFilter {
    Time since{}; // of the proof, or of the listing by hand
    Time until{};
    std::string technique; // "socks5/connect", or all that begin with "smtp-relay/"
    std::string reporter;  // hosts that he reported
    std::string actor;     // "verifier" for what was proven, a person for what was listed by hand
    bool everywhere = true;
    Prefix prefix = Prefix::of(Address{}, 0); // unless everywhere
    bool operator==(const PurgeFilter&) const = default;
};

// A purge under way or done. It goes on from where it was, whoever was interrupted.
struct Purge {
    std::uint64_t id = 0;
    PurgeFilter filter;
    std::string note; // public
    std::string by;
    Time started{};
    Time finished{};
    std::string cursor; // the address key that it has come to; empty at the beginning
    std::uint64_t examined = 0;
    std::uint64_t matched = 0;
    std::uint64_t delisted = 0;
    std::uint64_t notice_id = 0;
    bool operator==(const Purge&) const = default;
};

} // namespace provenbl
