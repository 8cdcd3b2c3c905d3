#include "verifier/report_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::verifier {
namespace {

using reporters::Trust;
using What = ReportDecision::What;

} // namespace

ReportDecision judge_report(const ReportFacts& facts, const PolicyRules& rules, Time now) {
    if (facts.by_operator) return {What::visit, now, {}};
    const auto trust = facts.by_trap ? Trust::full : facts.trust;
    if (trust == Trust::none)
        return {What::refuse, {}, "too many of these reports turned out wrong; ask the operator to look into it"};

    const std::size_t needed = facts.by_trap ? 1 : std::max(rules.reports_needed, trust == Trust::second ? 2U : 1U);
    if (facts.others + 1 < needed) return {What::wait, {}, "kept; the host is visited when somebody else names it too"};

    ReportDecision decision{What::visit, now, {}};
    if (trust == Trust::low) decision.due = now + rules.low_trust_delay;
    if (facts.host && facts.host->scans > 0) {
        const auto earliest = facts.host->last_scan + rules.report_spacing;
        if (earliest > decision.due) {
            decision.due = earliest;
            decision.why = fmt::format("the host was visited at {}; reports bring about the next visit at {}",
                                       to_string(facts.host->last_scan), to_string(earliest));
        }
    }
    return decision;
}

} // namespace provenbl::verifier
