#include "store/reports.hpp"

#include "store/reporters.hpp"
#include "store/tables.hpp"

#include <algorithm>
#include <set>

namespace provenbl::reports {
namespace {

constexpr std::size_t most_ports = 16;
constexpr std::size_t longest_comment = 1000; // bytes; the API refuses more, this is for everybody else
constexpr Duration late_proof = std::chrono::hours(14 * 24);

void close(WriteTxn& txn, Report& report, ReportState state) {
    report.state = state;
    put(txn, report);
    if (state == ReportState::right || state == ReportState::wrong)
        reporters::judge(txn, report.reporter_id, state == ReportState::right);
}

// Which of a host's open reports this visit speaks of: those it was queued for, and those that waited for a second
// reporter while it ran anyway.
bool answers(const Scan& scan, const Report& report) {
    return report.state == ReportState::open &&
           (report.scan_id == scan.id || (report.scan_id == 0 && report.received <= scan.started));
}

} // namespace

std::optional<Report> find(const ReadTxn& txn, std::uint64_t id) {
    return get_record<Report>(txn, txn.tables.reports, keys::number(id));
}

std::vector<Report> of(const ReadTxn& txn, const Address& host, std::size_t at_most) {
    std::vector<Report> all;
    const auto start = keys::address(host);
    txn.txn.walk_back(txn.tables.host_reports, start + std::string(8, '\xff'), [&](lmdb::Bytes key, lmdb::Bytes) {
        if (!key.starts_with(start) || all.size() == at_most) return false;
        // A report that has aged out may leave its key a moment longer.
        if (auto report = get_record<Report>(txn, txn.tables.reports, key.substr(start.size())))
            all.push_back(std::move(*report));
        return true;
    });
    return all;
}

std::size_t others_naming(const ReadTxn& txn, const Address& host, std::uint32_t reporter, Time since,
                          const std::vector<std::string>& but) {
    std::set<std::uint32_t> others;
    for (const auto& report : of(txn, host)) {
        if (report.state == ReportState::open && report.reporter_id != reporter && report.last >= since &&
            std::find(but.begin(), but.end(), report.reporter) == but.end())
            others.insert(report.reporter_id);
    }
    return others.size();
}

ReportState outcome(const Scan& scan, const Host& host) {
    const auto is = [](Verdict verdict) { return [verdict](const ScanStep& step) { return step.verdict == verdict; }; };
    const bool proven = std::any_of(scan.steps.begin(), scan.steps.end(), is(Verdict::open)) ||
                        std::any_of(host.holes.begin(), host.holes.end(),
                                    [&](const Hole& hole) { return hole.last_proven >= scan.started; });
    if (proven) return ReportState::right;
    const bool closed = std::all_of(scan.steps.begin(), scan.steps.end(), [](const ScanStep& step) {
        return step.verdict == Verdict::refused || step.verdict == Verdict::closed_port;
    });
    return closed && !scan.steps.empty() && host.holes.empty() ? ReportState::wrong : ReportState::unclear;
}

void put(WriteTxn& txn, const Report& report) {
    put_record(txn, txn.tables.reports, keys::number(report.id), report);
}

Result<Report> file(WriteTxn& txn, Report report) {
    if (report.comment.size() > longest_comment) report.comment.resize(longest_comment);
    if (report.ports.size() > most_ports) report.ports.resize(most_ports);
    std::size_t open = 0;
    for (auto& known : of(txn, report.host)) {
        if (known.state != ReportState::open) continue;
        ++open;
        if (known.reporter_id != report.reporter_id) continue;
        ++known.count;
        known.last = txn.now;
        for (const auto port : report.ports) {
            if (known.ports.size() < most_ports &&
                std::find(known.ports.begin(), known.ports.end(), port) == known.ports.end())
                known.ports.push_back(port);
        }
        if (known.comment.empty()) known.comment = report.comment;
        put(txn, known);
        return std::move(known);
    }
    if (open >= most_of_host)
        return Error{Errc::busy, report.host.to_string() + " has been reported by " + std::to_string(open) +
                                     " others already and waits for its visit; one more adds nothing"};
    report.id = next_number(txn, "reports");
    report.received = report.last = txn.now;
    report.count = 1;
    report.state = ReportState::open;
    put(txn, report);
    txn.txn.put(txn.tables.host_reports, keys::address(report.host) + keys::number(report.id), {});
    return report;
}

void prove(WriteTxn& txn, const Address& host) {
    for (auto& report : of(txn, host)) {
        const bool late = report.state == ReportState::unclear && txn.now - report.last <= late_proof;
        if (report.state == ReportState::open || late) close(txn, report, ReportState::right);
    }
}

void settle(WriteTxn& txn, const Scan& scan, ReportState outcome) {
    for (auto& report : of(txn, scan.host)) {
        if (!answers(scan, report)) continue;
        report.scan_id = scan.id;
        close(txn, report, outcome);
    }
}

void hand_on(WriteTxn& txn, const Scan& scan, std::uint64_t next_scan) {
    for (auto& report : of(txn, scan.host)) {
        if (!answers(scan, report)) continue;
        report.scan_id = next_scan;
        put(txn, report);
    }
}

bool forget(WriteTxn& txn, std::uint64_t id) {
    const auto report = find(txn, id);
    if (!report) return false;
    txn.txn.erase(txn.tables.host_reports, keys::address(report->host) + keys::number(id));
    txn.txn.erase(txn.tables.reports, keys::number(id));
    return true;
}

void withdraw(WriteTxn& txn, const Address& host) {
    for (auto& report : of(txn, host)) {
        if (report.state == ReportState::open) close(txn, report, ReportState::withdrawn);
    }
}

} // namespace provenbl::reports
