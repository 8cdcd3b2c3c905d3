#include "tools/api/timeline.hpp"

#include "store/audit.hpp"
#include "store/exclusions.hpp"
#include "store/hosts.hpp"
#include "store/journal.hpp"
#include "store/ledger.hpp"
#include "store/listing_unit.hpp"
#include "store/reports.hpp"
#include "tools/api/public_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string_view>
#include <tuple>

namespace provenbl::tools::api {
namespace {

constexpr std::size_t most_changes = 500;
constexpr std::size_t most_cases = 16; // whose evidence is read

// At one moment things happened in this order.
std::size_t rank(const LifeLine& line) {
    static constexpr std::array<std::string_view, 9> order{"excluded", "reported", "asked",  "proven",  "listed",
                                                           "changed",  "visited",  "closed", "delisted"};
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), line.what) - order.begin());
}

LifeLine line_of(const Change& change, Reader reader) {
    LifeLine line{change.at, change.sequence, {}, change.actor, {}};
    if (change.after.empty())
        line.what = "delisted";
    else if (change.before.empty())
        line.what = "listed";
    else
        line.what = change.before == change.after ? "closed" : "changed";
    if (change.before == change.after && change.reason == ChangeReason::manual) line.what = "changed";
    line.cause = std::string{to_string(change.reason)};
    if (!change.note.empty()) line.cause += ": " + change.note;
    if (!change.after.empty()) line.cause += fmt::format(" (case {}, now {})", change.case_id, to_string(change.after));
    if (reader == Reader::the_operator && !change.by.empty()) line.cause += ", by " + change.by;
    return line;
}

// What is left of a case once its entries were trimmed. Who ended it is kept only where its reason tells.
void add_lines_of(const AuditLine& line, std::vector<LifeLine>& lines) {
    lines.push_back({line.listed, line.case_id, "listed", line.opened == ChangeReason::manual ? "operator" : "verifier",
                     fmt::format("{}{}{} (case {}, {} in all)", to_string(line.opened), line.why.empty() ? "" : ": ",
                                 line.why, line.case_id, to_string(line.classes))});
    if (!line.in_force.empty()) return;
    const bool by_operator = line.closed == ChangeReason::excluded || line.closed == ChangeReason::manual_ended ||
                             line.closed == ChangeReason::purged;
    lines.push_back({line.ended, line.last_sequence, "delisted", by_operator ? "operator" : "",
                     fmt::format("{} (case {})", to_string(line.closed), line.case_id)});
}

LifeLine line_of(const CaseEvidence& evidence) {
    auto way = fmt::format("{} at {}", evidence.technique, evidence.entry.to_string());
    if (evidence.exit != evidence.entry.address) way += ", out of " + evidence.exit.to_string();
    return {evidence.arrived, 0, "proven", "verifier",
            fmt::format("a token came back: {} (case {}, evidence {})", way, evidence.case_id, evidence.ordinal)};
}

LifeLine line_of(const Report& report, Reader reader) {
    LifeLine line{report.received, 0, "reported", "reporter", std::string{to_string(report.state)}};
    if (reader == Reader::everybody) {
        line.at = std::chrono::floor<std::chrono::days>(report.received);
        return line;
    }
    line.actor = report.reporter;
    if (report.count > 1) line.cause += fmt::format(", {} times, last {}", report.count, to_string(report.last));
    if (!report.comment.empty()) line.cause += ": " + report.comment;
    if (report.scan_id != 0) line.cause += fmt::format(" (visit {})", report.scan_id);
    return line;
}

// "2 open, 3 refused".
std::string verdicts(const Scan& scan) {
    std::string text;
    for (const auto verdict :
         {Verdict::open, Verdict::refused, Verdict::closed_port, Verdict::unreachable, Verdict::inconclusive}) {
        const auto count = std::count_if(scan.steps.begin(), scan.steps.end(),
                                         [verdict](const ScanStep& step) { return step.verdict == verdict; });
        if (count == 0) continue;
        if (!text.empty()) text += ", ";
        text += fmt::format("{} {}", count, to_string(verdict));
    }
    return text;
}

LifeLine line_of(const Scan& scan) {
    LifeLine line{scan.finished, 0, "visited", "verifier", {}};
    const auto name = fmt::format("visit {} ({})", scan.id, to_string(scan.kind));
    if (scan.state == ScanState::finished) {
        const auto found = verdicts(scan);
        line.cause = fmt::format("{}{}: {}", name, found.empty() ? "" : ", " + found, scan.outcome);
        if (scan.started == Time{}) line.cause = name + " did not take place: " + scan.outcome;
    } else if (scan.state == ScanState::running) {
        line.at = scan.started;
        line.cause = name + " is under way";
    } else {
        line.at = scan.due;
        line.cause = name + " is due";
    }
    return line;
}

} // namespace

Life read_life(const ReadTxn& txn, const Address& address, Time now) {
    Life life;
    life.changes = journal::of(txn, address, most_changes);
    life.audit = audit::of(txn, listing_unit::of(txn, address));
    life.visits = hosts::scans(txn, address, ledger::kept_scans);
    life.reports = reports::of(txn, listing_unit::of(txn, address));
    life.exclusion = exclusions::covering(txn, address, now);
    life.cut = life.changes.size() == most_changes;
    std::set<std::uint64_t, std::greater<>> cases;
    for (const auto& change : life.changes) cases.insert(change.case_id);
    for (const auto& line : life.audit) cases.insert(line.case_id);
    std::size_t read = 0;
    for (const auto number : cases) {
        if (read++ == most_cases) {
            life.cut = true;
            break;
        }
        for (auto& evidence : hosts::evidence(txn, address, number, hosts::Texts::without))
            life.evidence.push_back(std::move(evidence));
    }
    return life;
}

std::vector<LifeLine> timeline(const Life& life, Reader reader) {
    std::vector<LifeLine> lines;
    for (const auto& report : life.reports) lines.push_back(line_of(report, reader));
    for (const auto& evidence : life.evidence) lines.push_back(line_of(evidence));
    for (const auto& line : life.audit) add_lines_of(line, lines);
    for (const auto& change : life.changes) lines.push_back(line_of(change, reader));
    for (const auto& each : life.visits) {
        const auto scan = seen_by(reader, each);
        if (scan.kind == ScanKind::owner)
            lines.push_back({scan.requested, 0, "asked", "owner", fmt::format("for a look: visit {}", scan.id)});
        lines.push_back(line_of(scan));
    }
    if (life.exclusion) {
        const auto& exclusion = *life.exclusion;
        lines.push_back({exclusion.created, 0, "excluded",
                         reader == Reader::the_operator ? exclusion.by : std::string{"operator"},
                         fmt::format("{}: {}{}", exclusion.prefix.to_string(), exclusion.reason,
                                     exclusion.until == Time{} ? "" : ", until " + to_string(exclusion.until))});
    }
    std::stable_sort(lines.begin(), lines.end(), [](const LifeLine& a, const LifeLine& b) {
        return std::tuple(a.at, rank(a), a.journal) < std::tuple(b.at, rank(b), b.journal);
    });
    return lines;
}

} // namespace provenbl::tools::api
