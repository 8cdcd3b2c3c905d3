// The half of the ledger that keeps visits: requests, the due queue, a scan's way from queued to finished.
#include "store/visits.hpp"

#include "store/carried.hpp"
#include "store/derived_keys.hpp"
#include "store/exclusions.hpp"
#include "store/hosts.hpp"
#include "store/ledger.hpp"
#include "store/listing_unit.hpp"
#include "store/reports.hpp"
#include "store/tables.hpp"

#include <algorithm>

namespace provenbl::ledger {
namespace {

constexpr std::size_t max_ports = 64;
constexpr std::size_t max_targets = 8; // addresses of one network that are probed in one visit

void put_scan(WriteTxn& txn, const Scan& scan) {
    put_record(txn, txn.tables.scans, keys::address(scan.host) + keys::number(scan.id), scan);
}

Result<Scan> stored_scan(const ReadTxn& txn, const Address& host, std::uint64_t scan_id) {
    auto scan = hosts::scan(txn, host, scan_id);
    if (!scan)
        return Error{Errc::not_found, "there is no visit " + std::to_string(scan_id) + " to " + host.to_string()};
    return std::move(*scan);
}

void add_ports(Scan& scan, const std::vector<std::uint16_t>& ports) {
    for (const auto port : ports) {
        if (scan.ports.size() < max_ports && std::find(scan.ports.begin(), scan.ports.end(), port) == scan.ports.end())
            scan.ports.push_back(port);
    }
}

void add_target(Scan& scan, const Address& target) {
    if (scan.targets.size() < max_targets &&
        std::find(scan.targets.begin(), scan.targets.end(), target) == scan.targets.end())
        scan.targets.push_back(target);
}

// Only the newest visits of a host are kept.
void forget_old_scans(WriteTxn& txn, const Address& host) {
    const auto start = keys::address(host);
    std::vector<std::string> old;
    std::size_t seen = 0;
    txn.txn.walk_back(txn.tables.scans, start + std::string(8, '\xff'), [&](lmdb::Bytes key, lmdb::Bytes) {
        if (!key.starts_with(start)) return false;
        if (++seen > kept_scans) old.emplace_back(key);
        return true;
    });
    for (const auto& key : old) txn.txn.erase(txn.tables.scans, key);
}

Scan queue_asked(WriteTxn& txn, Host& host, const Address& address, ScanKind kind, Time due,
                 const std::vector<std::uint16_t>& ports) {
    auto scan = queue_visit(txn, host, kind, due, ports);
    if (listing_unit::covered(txn, address).length() != address.bits()) { // one of many
        add_target(scan, address);
        put_scan(txn, scan);
    }
    put_host(txn, host);
    return scan;
}

Error excluded_error(const Address& address, const Exclusion& excluded) {
    return {Errc::not_allowed, address.to_string() + " is excluded from probing and listing (" +
                                   excluded.prefix.to_string() + ": " + excluded.reason + ")"};
}

} // namespace

void put_host(WriteTxn& txn, const Host& host) {
    put_record(txn, txn.tables.hosts, keys::address(host.address), host);
}

Host host_or_new(const ReadTxn& txn, const Address& address) {
    auto host = hosts::find(txn, address);
    if (host) return std::move(*host);
    Host fresh;
    fresh.address = listing_unit::of(txn, address);
    return fresh;
}

Scan queue_visit(WriteTxn& txn, Host& host, ScanKind kind, Time due, const std::vector<std::uint16_t>& ports) {
    Scan scan;
    if (host.queued_scan != 0) {
        txn.txn.erase(txn.tables.due, due_key(host.due_kind, host.due, host.address));
        scan = stored_scan(txn, host.address, host.queued_scan).value();
        scan.kind = std::min(scan.kind, kind);
        scan.due = std::min(scan.due, due);
    } else {
        scan.id = next_number(txn, "scans");
        scan.host = host.address;
        scan.kind = kind;
        scan.due = due;
    }
    if (scan.requested == Time{} || kind == ScanKind::owner) scan.requested = txn.now;
    add_ports(scan, ports);
    host.queued_scan = scan.id;
    host.due_kind = scan.kind;
    host.due = scan.due;
    txn.txn.put(txn.tables.due, due_key(scan.kind, scan.due, host.address), {});
    put_scan(txn, scan);
    return scan;
}

void drop_queued_visit(WriteTxn& txn, Host& host, std::string_view why) {
    if (host.queued_scan == 0) return;
    txn.txn.erase(txn.tables.due, due_key(host.due_kind, host.due, host.address));
    auto scan = stored_scan(txn, host.address, host.queued_scan).value();
    scan.state = ScanState::finished;
    scan.finished = txn.now;
    scan.outcome = why;
    put_scan(txn, scan);
    host.queued_scan = 0;
}

Result<Scan> request_scan(WriteTxn& txn, const Address& address, ScanKind kind, Time due,
                          const std::vector<std::uint16_t>& ports) {
    if (const auto excluded = exclusions::covering(txn, address, txn.now)) return excluded_error(address, *excluded);
    auto host = host_or_new(txn, address);
    const bool one_of_many = listing_unit::covered(txn, address).length() != address.bits();
    if (host.running_scan != 0 && kind != ScanKind::owner) {
        auto running = stored_scan(txn, address, host.running_scan);
        const auto covered = [&](std::uint16_t port) {
            return std::find(running->ports.begin(), running->ports.end(), port) != running->ports.end();
        };
        const auto visited = [&] {
            return !one_of_many ||
                   std::find(running->targets.begin(), running->targets.end(), address) != running->targets.end();
        };
        // What it has proven was taken back meanwhile (an exclusion, a purge): it does not prove it twice.
        const bool taken_back = running && host.delisted_at >= running->started;
        if (running && !taken_back && visited() && std::all_of(ports.begin(), ports.end(), covered)) return running;
    }
    return queue_asked(txn, host, address, kind, due, ports);
}

Result<Scan> follow_up(WriteTxn& txn, const Address& address, Time due, const std::vector<std::uint16_t>& ports) {
    if (const auto excluded = exclusions::covering(txn, address, txn.now)) return excluded_error(address, *excluded);
    auto host = host_or_new(txn, address);
    return queue_asked(txn, host, address, ScanKind::report, due, ports);
}

Result<Report> file_report(WriteTxn& txn, Report report, std::optional<Time> due) {
    report.named = report.host;
    report.host = listing_unit::of(txn, report.named);
    if (!due) {
        if (const auto excluded = exclusions::covering(txn, report.named, txn.now))
            return excluded_error(report.named, *excluded);
        return reports::file(txn, std::move(report));
    }
    const auto scan = request_scan(txn, report.named, ScanKind::report, *due, report.ports);
    if (!scan) return scan.error();
    auto filed = reports::file(txn, std::move(report));
    if (!filed) return filed;
    filed->scan_id = scan->id;
    reports::put(txn, *filed);
    return filed;
}

void walk_due(const ReadTxn& txn, Time now, const std::function<bool(const Address&, ScanKind, Time)>& visit) {
    bool more = true;
    for (const auto kind : {ScanKind::owner, ScanKind::report, ScanKind::rescan}) {
        if (!more) return;
        txn.txn.walk(txn.tables.due, std::string(1, static_cast<char>(kind)), [&](lmdb::Bytes key, lmdb::Bytes) {
            if (key.front() != static_cast<char>(kind)) return false;
            const Time due{Duration{static_cast<Duration::rep>(keys::to_number(key.substr(1)))}};
            if (due > now) return false;
            more = visit(keys::to_address(key.substr(9)), kind, due);
            return more;
        });
    }
}

std::size_t due_count(const ReadTxn& txn) {
    return txn.txn.entries(txn.tables.due);
}

std::optional<Time> next_due(const ReadTxn& txn) {
    std::optional<Time> first;
    for (const auto kind : {ScanKind::owner, ScanKind::report, ScanKind::rescan}) {
        txn.txn.walk(txn.tables.due, std::string(1, static_cast<char>(kind)), [&](lmdb::Bytes key, lmdb::Bytes) {
            if (key.front() != static_cast<char>(kind)) return false;
            const Time due{Duration{static_cast<Duration::rep>(keys::to_number(key.substr(1)))}};
            if (!first || due < *first) first = due;
            return false;
        });
    }
    return first;
}

Result<Scan> start_scan(WriteTxn& txn, const Address& address) {
    auto host = hosts::find(txn, address);
    if (!host || host->queued_scan == 0 || host->running_scan != 0)
        return Error{Errc::conflict, "no visit to " + address.to_string() + " is waiting to start"};
    auto scan = stored_scan(txn, address, host->queued_scan);
    if (!scan) return scan;
    txn.txn.erase(txn.tables.due, due_key(host->due_kind, host->due, host->address));
    scan->state = ScanState::running;
    scan->started = txn.now;
    put_scan(txn, *scan);
    host->running_scan = host->queued_scan;
    host->queued_scan = 0;
    put_host(txn, *host);
    txn.txn.put(txn.tables.running, keys::address(host->address), keys::number(scan->id));
    return scan;
}

void add_steps(WriteTxn& txn, const Address& address, std::uint64_t scan_id, const std::vector<ScanStep>& steps) {
    auto scan = stored_scan(txn, address, scan_id);
    if (!scan || scan->state != ScanState::running || scan->steps.size() >= max_steps) return;
    const auto room = std::min(steps.size(), max_steps - scan->steps.size());
    scan->steps.insert(scan->steps.end(), steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(room));
    if (room > 0) put_scan(txn, *scan);
}

void add_step(WriteTxn& txn, const Address& address, std::uint64_t scan_id, const ScanStep& step) {
    add_steps(txn, address, scan_id, {step});
}

void forget_steps(WriteTxn& txn, const Address& host, std::uint64_t scan_id) {
    auto scan = stored_scan(txn, host, scan_id);
    if (!scan || scan->state != ScanState::running || scan->steps.empty()) return;
    scan->steps.clear();
    put_scan(txn, *scan);
}

Result<Scan> finish_scan(WriteTxn& txn, const Address& address, std::uint64_t scan_id, const Finish& finish) {
    auto host = hosts::find(txn, address);
    auto scan = stored_scan(txn, address, scan_id);
    if (!scan) return scan;
    if (!host || host->running_scan != scan_id)
        return Error{Errc::conflict,
                     "visit " + std::to_string(scan_id) + " to " + address.to_string() + " is not under way"};
    scan->state = ScanState::finished;
    scan->finished = txn.now;
    scan->outcome = finish.outcome;
    put_scan(txn, *scan);
    host->running_scan = 0;
    host->last_scan = txn.now;
    if (finish.counted) host->last_counted = txn.now;
    host->open_answers = finish.open_answers;
    if (finish.answered) host->last_answer = txn.now;
    ++host->scans;
    host->clean_streak = finish.clean_streak;
    host->silent_streak = finish.silent_streak;
    host->inconclusive_streak = finish.inconclusive_streak;
    if (!finish.software.empty()) host->software = finish.software;
    if (finish.next_due) {
        const bool same_again = host->holes.empty();
        auto next = queue_visit(txn, *host, finish.next_kind, *finish.next_due,
                                same_again ? scan->ports : std::vector<std::uint16_t>{});
        if (same_again && !scan->targets.empty()) {
            for (const auto& target : scan->targets) add_target(next, target);
            put_scan(txn, next);
        }
    }
    put_host(txn, *host);
    // An unlisted host is looked at again for the same reports.
    if (finish.next_due && host->holes.empty())
        reports::hand_on(txn, *scan, host->queued_scan);
    else
        reports::settle(txn, *scan, reports::outcome(*scan, *host));
    txn.txn.erase(txn.tables.running, keys::address(host->address));
    forget_old_scans(txn, host->address);
    return scan;
}

std::size_t requeue_interrupted(WriteTxn& txn, Time started_before) {
    return requeue_interrupted(txn, started_before, {});
}

std::size_t requeue_interrupted(WriteTxn& txn, Time started_before, const std::set<Address>& under_way) {
    std::vector<Address> interrupted;
    txn.txn.walk(txn.tables.running, {}, [&](lmdb::Bytes key, lmdb::Bytes value) {
        const auto address = keys::to_address(key);
        if (under_way.contains(address)) return true;
        const auto scan = hosts::scan(txn, address, keys::to_number(value));
        if (!scan || scan->started < started_before) interrupted.push_back(address);
        return true;
    });
    for (const auto& address : interrupted) {
        auto host = hosts::find(txn, address);
        txn.txn.erase(txn.tables.running, keys::address(address));
        if (!host || host->running_scan == 0) continue;
        auto scan = stored_scan(txn, address, host->running_scan);
        host->running_scan = 0;
        if (scan) {
            // The same visit begins again, so whoever follows it goes on seeing it; one queued behind it is merged in.
            if (host->queued_scan != 0) {
                const auto behind = stored_scan(txn, address, host->queued_scan);
                if (behind) {
                    add_ports(*scan, behind->ports);
                    for (const auto& target : behind->targets) add_target(*scan, target);
                    scan->kind = std::min(scan->kind, behind->kind);
                    reports::hand_on(txn, *behind, scan->id);
                }
                drop_queued_visit(txn, *host, "merged into visit " + std::to_string(scan->id));
            }
            scan->state = ScanState::queued;
            scan->due = txn.now;
            scan->steps.clear();
            put_scan(txn, *scan);
            host->queued_scan = scan->id;
            host->due_kind = scan->kind;
            host->due = scan->due;
            txn.txn.put(txn.tables.due, due_key(scan->kind, scan->due, address), {});
        }
        put_host(txn, *host);
    }
    return interrupted.size();
}

} // namespace provenbl::ledger
