// The half of the ledger that changes listings: host, serving index, evidence and journal, all together.
#include "store/ledger.hpp"

#include "store/exclusions.hpp"
#include "store/hosts.hpp"
#include "store/journal_append.hpp"
#include "store/listing_unit.hpp"
#include "store/listings.hpp"
#include "store/reports.hpp"
#include "store/tables.hpp"
#include "store/visits.hpp"

#include <algorithm>

namespace provenbl::ledger {
namespace {

// The hole that this token proved, new or known.
Result<Hole*> prove_hole(Host& host, const PendingProbe& probe, ListingClass cls, Time now) {
    for (auto& hole : host.holes) {
        if (hole.technique == probe.technique && hole.entry == probe.target.address && hole.port == probe.target.port) {
            hole.last_proven = now;
            return &hole;
        }
    }
    if (host.holes.size() >= max_holes)
        return Error{Errc::limit,
                     host.address.to_string() + " has " + std::to_string(max_holes) + " proven holes already"};
    const auto ordinal = host.next_ordinal++;
    return &host.holes.emplace_back(
        Hole{probe.technique, probe.target.address, probe.target.port, cls, ordinal, now, now});
}

CaseEvidence make_evidence(const Host& host, const Hole& hole, const PendingProbe& probe) {
    CaseEvidence evidence;
    evidence.host = host.address;
    evidence.case_id = host.case_id;
    evidence.ordinal = hole.ordinal;
    evidence.technique = probe.technique;
    evidence.cls = hole.cls;
    evidence.entry = probe.target;
    evidence.exit = probe.exit;
    evidence.sink_port = probe.sink_port;
    evidence.token = probe.id;
    evidence.sent = probe.written;
    evidence.arrived = probe.arrived_at;
    evidence.software = probe.software;
    evidence.repeat = probe.repeat;
    evidence.transcript = probe.transcript;
    evidence.message = probe.message;
    return evidence;
}

Result<Host> list_as(WriteTxn& txn, const PendingProbe& probe, const Address& address, ListingClass cls,
                     Time next_due) {
    if (const auto excluded = exclusions::covering(txn, address, txn.now))
        return Error{Errc::not_allowed, address.to_string() + " is excluded from listing (" +
                                            excluded->prefix.to_string() + ": " + excluded->reason + ")"};
    // RFC 5782 section 5: a list that has it is broken to every client that looks.
    if (address == Address::v4(127, 0, 0, 1)) return Error{Errc::not_allowed, "127.0.0.1 is never listed (RFC 5782)"};
    auto host = host_or_new(txn, address);
    const auto before = host.classes();
    // Mail that was under way while the host was repaired says what was, not what is: a reason to look.
    if (host.holes.empty() && probe.written < host.delisted_at) {
        if (const auto queued = request_scan(txn, address, ScanKind::report, txn.now, {}); !queued)
            return queued.error();
        return Error{Errc::not_allowed,
                     "the token was sent before " + address.to_string() + " was delisted; it is looked at again"};
    }
    if (before.empty()) host.next_ordinal = 0;
    const auto hole = prove_hole(host, probe, cls, txn.now);
    if (!hole) return hole.error();
    if (before.empty()) {
        host.listed_since = txn.now;
        if (host.delisted_at != Time{} && !host.pardoned) ++host.relistings;
    }
    host.last_answer = txn.now;
    host.clean_streak = host.silent_streak = host.inconclusive_streak = 0;
    if (!probe.software.empty()) host.software = probe.software;
    if (host.classes() != before)
        journal_change(txn, host, before, ChangeReason::proven, {"verifier", probe.technique, {}});
    put_listing(txn, host);
    const auto evidence = make_evidence(host, **hole, probe);
    put_record(txn, txn.tables.evidence,
               keys::address(host.address) + keys::number(evidence.case_id) + keys::number(evidence.ordinal), evidence);
    if (host.queued_scan == 0 && host.running_scan == 0) queue_visit(txn, host, ScanKind::rescan, next_due, {});
    put_host(txn, host);
    // Whoever reported the exit of a chain was right about the entry at most.
    if (cls != ListingClass::chain) reports::prove(txn, host.address);
    return host;
}

// Which ways were closed is said where others stay open.
std::string note_of(const Clearance& clearance, bool others_stay) {
    auto note = clearance.note();
    if (!others_stay) return note;
    const char* separator = ": ";
    for (const auto& hole : clearance.holes()) {
        note += separator + hole.technique + " on port " + std::to_string(hole.port);
        separator = ", ";
    }
    return note;
}

} // namespace

Result<Host> list(WriteTxn& txn, const Evidence& evidence, Time next_due) {
    auto probe = evidence.probe();
    auto host = list_as(txn, probe, probe.target.address, probe.cls, next_due);
    if (!host) return host;
    probe.redeemed = true;
    probe.case_id = host->case_id;
    put_record(txn, txn.tables.tokens, {reinterpret_cast<const char*>(probe.id.data()), probe.id.size()}, probe);
    return host;
}

Result<Host> list_exit(WriteTxn& txn, const Evidence& evidence, Time next_due) {
    const auto& probe = evidence.probe();
    if (listing_unit::of(txn, probe.exit) == listing_unit::of(txn, probe.target.address))
        return Error{Errc::not_allowed, "entry and exit are one host"};
    return list_as(txn, probe, probe.exit, ListingClass::chain, next_due);
}

Result<Host> clear(WriteTxn& txn, const Clearance& clearance, std::string_view actor, std::string_view by) {
    auto host = hosts::find(txn, clearance.host());
    if (!host) return Error{Errc::not_found, clearance.host().to_string() + " is not known"};
    const auto before = host->classes();
    const auto holes_closed = std::erase_if(host->holes, [&](const Hole& hole) {
        return std::any_of(clearance.holes().begin(), clearance.holes().end(), [&](const Hole& cleared) {
            return cleared.technique == hole.technique && cleared.entry == hole.entry && cleared.port == hole.port;
        });
    });
    auto closed = holes_closed;
    for (const auto& entry : clearance.manual()) {
        const auto at = std::find(host->manual.begin(), host->manual.end(), entry);
        if (at == host->manual.end()) continue;
        host->manual.erase(at);
        forget_end(txn, *host, entry);
        ++closed;
    }
    if (closed == 0) return Error{Errc::not_found, clearance.host().to_string() + " has none of these holes any more"};
    // Also a way that closes while another of its class stays open: a listing is the set of its holes.
    journal_change(txn, *host, before, clearance.reason(), {actor, note_of(clearance, host->listed()), by});
    // What was entered by hand leaves the memory of what was proven alone.
    if (host->holes.empty() && holes_closed > 0) {
        host->delisted_at = txn.now;
        host->pardoned = !names_outcome(clearance.reason());
    }
    // Automated rescans cease once fixed (RFC 6471 3.6.2).
    if (host->holes.empty() && host->due_kind == ScanKind::rescan)
        drop_queued_visit(txn, *host, "no longer listed: not needed");
    put_listing(txn, *host);
    put_host(txn, *host);
    return std::move(*host);
}

} // namespace provenbl::ledger
