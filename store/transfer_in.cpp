#include "store/audit.hpp"
#include "store/derived_keys.hpp"
#include "store/exclusions.hpp"
#include "store/hosts.hpp"
#include "store/journal.hpp"
#include "store/journal_append.hpp"
#include "store/ledger.hpp"
#include "store/listing_unit.hpp"
#include "store/listings.hpp"
#include "store/mirrors.hpp"
#include "store/sweeps.hpp"
#include "store/tables.hpp"
#include "store/transfer.hpp"
#include "store/visits.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace provenbl::transfer {
namespace {

constexpr auto state_key = "import"; // in meta: since, serial, floor, made, records taken

std::string describe(const Header& header) {
    return keys::number(header.since) + keys::number(header.serial) + keys::number(header.floor) +
           keys::number(static_cast<std::uint64_t>(header.made.time_since_epoch().count()));
}

// A counter must not give again what an imported record has.
void raise_counter(WriteTxn& txn, std::string_view name, std::uint64_t least) {
    const auto stored = txn.txn.get(txn.tables.meta, name);
    if (!stored || keys::to_number(*stored) < least) txn.txn.put(txn.tables.meta, name, keys::number(least));
}

// What the journal, as far as it is here, says of the address.
ClassSet classes_by_journal(const ReadTxn& txn, const Address& address) {
    const auto changes = journal::of(txn, address, 1);
    if (!changes.empty()) return changes.front().after;
    const auto lines = audit::of(txn, address);
    return lines.empty() ? ClassSet{} : lines.back().in_force;
}

// When the case began, by the journal or, once that is trimmed, by its audit line: a case has the number of the entry
// that opened it.
std::optional<Time> begin_of(const ReadTxn& txn, const Address& address, std::uint64_t case_id) {
    const auto change = get_record<Change>(txn, txn.tables.journal, keys::number(case_id));
    if (change && names_host(change->reason))
        return change->address == address && change->before.empty() ? std::optional<Time>(change->at) : std::nullopt;
    const auto line = get_record<AuditLine>(txn, txn.tables.audit, keys::address(address) + keys::number(case_id));
    return line ? std::optional<Time>(line->listed) : std::nullopt;
}

std::int64_t seconds(Time time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Result<> take_one(WriteTxn& txn, const Exclusion& exclusion) {
    put_record(txn, txn.tables.exclusions, exclusion_key(exclusion.prefix), exclusion);
    return {};
}

Result<> take_one(WriteTxn& txn, const Mirror& mirror) {
    return mirrors::take(txn, mirror);
}

Result<> take_one(WriteTxn& txn, const AuditLine& line) {
    put_record(txn, txn.tables.audit, keys::address(line.address) + keys::number(line.case_id), line);
    return {};
}

Result<> take_one(WriteTxn& txn, const Change& change) {
    const auto stored = txn.txn.get(txn.tables.meta, state_key);
    const auto since = stored ? keys::to_number(*stored) : 0;
    const auto until = stored ? keys::to_number(stored->substr(8)) : 0;
    if (change.sequence <= since || change.sequence > until)
        return Error{Errc::invalid, "entry " + std::to_string(change.sequence) + " is not one of those after " +
                                        std::to_string(since) + " and up to " + std::to_string(until)};
    const auto key = keys::number(change.sequence);
    const auto bytes = codec::encode(change);
    // An entry is never replaced: the same line comes again when an import goes on, another one has no place here.
    if (const auto there = txn.txn.get(txn.tables.journal, key); there && *there != bytes)
        return Error{Errc::conflict, "the store has another entry " + std::to_string(change.sequence) +
                                         " already; import into an empty store instead"};
    txn.txn.put(txn.tables.journal, key, bytes);
    if (names_host(change.reason)) txn.txn.put(txn.tables.journal_hosts, keys::address(change.address) + key, {});
    return {};
}

Result<> take_one(WriteTxn& txn, const CaseEvidence& evidence) {
    put_record(txn, txn.tables.evidence,
               keys::address(evidence.host) + keys::number(evidence.case_id) + keys::number(evidence.ordinal),
               evidence);
    return {};
}

Result<> take_one(WriteTxn& txn, Host host) {
    for (const auto& hole : host.holes) {
        const auto key = keys::address(host.address) + keys::number(host.case_id) + keys::number(hole.ordinal);
        const auto evidence = get_record<CaseEvidence>(txn, txn.tables.evidence, key);
        if (!evidence || evidence->technique != hole.technique || evidence->entry != Endpoint{hole.entry, hole.port})
            return Error{Errc::not_allowed, host.address.to_string() + " is listed for " + hole.technique +
                                                " without evidence; nothing is listed without"};
    }
    if (const auto said = classes_by_journal(txn, host.address); said != host.classes())
        return Error{Errc::not_allowed, host.address.to_string() + " is listed for " + to_string(host.classes()) +
                                            ", but the journal says " + to_string(said)};
    if (host.listed()) {
        const auto begun = begin_of(txn, host.address, host.case_id);
        if (!begun || seconds(*begun) != seconds(host.listed_since))
            return Error{Errc::not_allowed,
                         host.address.to_string() + " is listed since " + to_string(host.listed_since) + " in case " +
                             std::to_string(host.case_id) + ", but the journal says " +
                             (begun ? "that this case began at " + to_string(*begun) : "nothing of this case")};
    }
    for (const auto& entry : host.manual) {
        if (entry.until > txn.now + ledger::longest_manual)
            return Error{Errc::not_allowed, host.address.to_string() + " is listed by hand until " +
                                                to_string(entry.until) + "; such a listing ends within a year"};
    }
    if (auto known = hosts::find(txn, host.address)) {
        if (known->running_scan != 0)
            return Error{Errc::conflict, host.address.to_string() + " is being visited; stop the verifier first"};
        ledger::drop_queued_visit(txn, *known, "replaced by an import");
        for (const auto manual = std::exchange(known->manual, {}); const auto& entry : manual)
            ledger::forget_end(txn, *known, entry);
    }
    const bool waits = host.queued_scan != 0 || host.running_scan != 0;
    host.queued_scan = host.running_scan = 0;
    if (waits) ledger::queue_visit(txn, host, host.due_kind, host.due, {});
    for (const auto& entry : host.manual) ledger::note_end(txn, host.address, entry);
    // The exclusion's sweep had not come to this host when it was exported.
    if (host.listed()) {
        if (const auto excluded = exclusions::covering(txn, host.address, txn.now))
            sweeps::again(txn, excluded->prefix);
    }
    ledger::put_listing(txn, host);
    ledger::put_host(txn, host);
    return {};
}

Result<> take_one(WriteTxn& txn, const Report& report) {
    put_record(txn, txn.tables.reports, keys::number(report.id), report);
    txn.txn.put(txn.tables.host_reports, keys::address(report.host) + keys::number(report.id), {});
    raise_counter(txn, "reports", report.id);
    return {};
}

} // namespace

Result<std::uint64_t> receive(WriteTxn& txn, const Header& header) {
    if (header.ipv6_bits != 64 && header.ipv6_bits != 128)
        return Error{Errc::invalid, "IPv6 is listed by /128 or /64, not /" + std::to_string(header.ipv6_bits)};
    const auto described = describe(header);
    if (const auto stored = txn.txn.get(txn.tables.meta, state_key)) {
        if (stored->substr(0, described.size()) != described)
            return Error{Errc::conflict, "another import into this store was interrupted; finish that one first"};
        return keys::to_number(stored->substr(described.size()));
    }
    if (const auto last = journal::last(txn); last != header.since)
        return Error{Errc::conflict, "the store is at serial " + std::to_string(last) +
                                         ", the import begins after serial " + std::to_string(header.since) +
                                         (header.since == 0 ? ": it wants an empty store" : "")};
    if (header.since == 0 && txn.txn.entries(txn.tables.hosts) != 0)
        return Error{Errc::conflict, "the store knows hosts already; an import of everything wants an empty one"};
    if (header.since == 0) {
        txn.txn.put(txn.tables.meta, "ipv6_bits", keys::number(header.ipv6_bits));
    } else if (header.ipv6_bits != listing_unit::ipv6_bits(txn)) {
        return Error{Errc::conflict, "the store lists IPv6 by /" + std::to_string(listing_unit::ipv6_bits(txn)) +
                                         ", the import by /" + std::to_string(header.ipv6_bits)};
    }
    txn.txn.put(txn.tables.meta, state_key, described + keys::number(0));
    return 0;
}

bool unfinished(const ReadTxn& txn) {
    return txn.txn.get(txn.tables.meta, state_key).has_value();
}

Error unfinished_error() {
    return {Errc::conflict, "an import into this store was interrupted, and the store is not whole; finish it with "
                            "`provenbl import` of the same file, or begin with an empty data directory"};
}

Result<> take(WriteTxn& txn, const Record& record) {
    return std::visit([&](const auto& one) { return take_one(txn, one); }, record);
}

void mark(WriteTxn& txn, std::uint64_t records) {
    const auto stored = txn.txn.get(txn.tables.meta, state_key);
    if (!stored || stored->size() < 8) return;
    txn.txn.put(txn.tables.meta, state_key, std::string(stored->substr(0, stored->size() - 8)) + keys::number(records));
}

Result<> complete(WriteTxn& txn, const Header& header) {
    journal::raise_floor(txn, header.floor);
    if (const auto last = journal::last(txn); last != header.serial)
        return Error{Errc::invalid, "the journal ends at serial " + std::to_string(last) + ", it should end at " +
                                        std::to_string(header.serial) + "; correct the lines that were refused"};
    txn.txn.erase(txn.tables.meta, state_key);
    return {};
}

} // namespace provenbl::transfer
