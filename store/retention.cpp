#include "store/retention.hpp"

#include "store/audit.hpp"
#include "store/hosts.hpp"
#include "store/journal_append.hpp"
#include "store/tables.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace provenbl::retention {
namespace {

bool is_over(Time since, Duration rule, Time now) {
    return rule > Duration::zero() && since != Time{} && since + rule <= now;
}

// When the case ended, as far as the host still knows: of earlier ones it is certain that they had ended when it was
// listed again.
std::optional<Time> case_ended(const Host& host, std::uint64_t case_id) {
    if (!host.listed()) return host.delisted_at;
    if (case_id == host.case_id) return std::nullopt;
    return host.listed_since;
}

// When something last happened to the host; never, when nobody can tell any more.
Time last_event(const Host& host) {
    return std::max({host.delisted_at, host.last_scan, host.last_counted, host.last_answer, host.listed_since});
}

bool begins_any(const ReadTxn& txn, MDB_dbi table, std::string_view prefix) {
    bool found = false;
    txn.txn.walk(table, prefix, [&](lmdb::Bytes key, lmdb::Bytes) {
        found = key.starts_with(prefix);
        return false;
    });
    return found;
}

bool may_be_forgotten(const ReadTxn& txn, lmdb::Bytes key, const Host& host, Duration rule, Time now) {
    if (rule <= Duration::zero() || host.listed() || host.queued_scan != 0 || host.running_scan != 0) return false;
    if (last_event(host) + rule > now) return false;
    const auto& tables = txn.tables;
    return !begins_any(txn, tables.scans, key) && !begins_any(txn, tables.evidence, key) &&
           !begins_any(txn, tables.host_reports, key);
}

} // namespace

struct Round::Piece {
    std::vector<std::string> keys; // what goes
    std::string after;
    bool stage_complete = true;
};

Round::Piece Round::look(const ReadTxn& txn, const Rules& rules, Time now, std::size_t at_most) const {
    Piece piece;
    piece.after = after_;
    std::size_t looked = 0;
    // The first key that is not the last one seen, or after it.
    const auto from = after_.empty() ? std::string() : after_ + '\0';
    const auto walk = [&](MDB_dbi table, const std::function<std::optional<bool>(lmdb::Bytes, lmdb::Bytes)>& goes) {
        txn.txn.walk(table, from, [&](lmdb::Bytes key, lmdb::Bytes value) {
            if (looked++ == at_most) {
                piece.stage_complete = false;
                return false;
            }
            const auto decided = goes(key, value);
            if (!decided) return false; // nothing after it can go
            piece.after = key;
            if (*decided) piece.keys.emplace_back(key);
            return true;
        });
    };
    std::optional<Host> host;
    switch (stage_) {
    case Stage::evidence:
        walk(txn.tables.evidence, [&](lmdb::Bytes key, lmdb::Bytes) -> std::optional<bool> {
            const auto size = keys::address_size(key);
            const auto address = keys::to_address(key);
            if (!host || host->address != address) host = hosts::find(txn, address);
            if (!host) return false;
            const auto ended = case_ended(*host, keys::to_number(key.substr(size)));
            return ended && is_over(*ended, rules.evidence, now);
        });
        break;
    case Stage::scans:
        walk(txn.tables.scans, [&](lmdb::Bytes, lmdb::Bytes value) -> std::optional<bool> {
            const auto scan = codec::decode_numbers<Scan>(value);
            return scan.state == ScanState::finished && is_over(scan.finished, rules.scans, now);
        });
        break;
    case Stage::reports:
        walk(txn.tables.reports, [&](lmdb::Bytes, lmdb::Bytes value) -> std::optional<bool> {
            const auto report = codec::decode<Report>(value);
            if (!is_over(std::max(report.received, report.last), rules.reports, now)) return false;
            const auto scan = hosts::scan(txn, report.host, report.scan_id);
            return !scan || scan->state == ScanState::finished;
        });
        break;
    case Stage::hosts:
        walk(txn.tables.hosts, [&](lmdb::Bytes key, lmdb::Bytes value) -> std::optional<bool> {
            return may_be_forgotten(txn, key, codec::decode_numbers<Host>(value), rules.hosts, now);
        });
        break;
    case Stage::journal:
        walk(txn.tables.journal, [&](lmdb::Bytes, lmdb::Bytes value) -> std::optional<bool> {
            if (!is_over(codec::decode_numbers<Change>(value).at, rules.journal, now)) return std::nullopt;
            return true;
        });
        break;
    case Stage::complete:
        break;
    }
    return piece;
}

bool Round::take(const Piece& piece) {
    std::uint64_t* const counters[] = {&counts_.evidence, &counts_.scans, &counts_.reports, &counts_.hosts,
                                       &counts_.journal};
    if (stage_ == Stage::complete) return false;
    *counters[static_cast<std::size_t>(stage_)] += piece.keys.size();
    after_ = piece.after;
    if (piece.stage_complete) {
        stage_ = static_cast<Stage>(static_cast<std::uint8_t>(stage_) + 1);
        after_.clear();
    }
    return stage_ != Stage::complete;
}

bool Round::forget(WriteTxn& txn, const Rules& rules, std::size_t at_most) {
    const auto piece = look(txn, rules, txn.now, at_most);
    const auto& tables = txn.tables;
    for (const auto& key : piece.keys) {
        switch (stage_) {
        case Stage::evidence:
            txn.txn.erase(tables.evidence, key);
            break;
        case Stage::scans:
            txn.txn.erase(tables.scans, key);
            break;
        case Stage::reports:
            if (const auto report = get_record<Report>(txn, tables.reports, key))
                txn.txn.erase(tables.host_reports, keys::address(report->host) + key);
            txn.txn.erase(tables.reports, key);
            break;
        case Stage::hosts:
            txn.txn.erase(tables.hosts, key);
            break;
        case Stage::journal: {
            const auto change = get_record<Change>(txn, tables.journal, key).value();
            audit::fold(txn, change);
            if (names_host(change.reason)) txn.txn.erase(tables.journal_hosts, keys::address(change.address) + key);
            journal::raise_floor(txn, change.sequence);
            txn.txn.erase(tables.journal, key);
            break;
        }
        case Stage::complete:
            break;
        }
    }
    return take(piece);
}

bool Round::count(const ReadTxn& txn, const Rules& rules, Time now, std::size_t at_most) {
    return take(look(txn, rules, now, at_most));
}

} // namespace provenbl::retention
