// What a report brings about, as a table.
#include "verifier/report_rules.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;
using reporters::Trust;
using What = ReportDecision::What;

constexpr Time now{std::chrono::hours(24 * 365 * 50)};

struct Row {
    const char* what;
    ReportFacts facts;
    unsigned needed;
    What expected;
    Duration due_in; // of a visit
};

ReportFacts facts(Trust trust, std::size_t others, std::optional<Duration> visited_ago = {}) {
    ReportFacts made;
    made.trust = trust;
    made.others = others;
    if (visited_ago) {
        made.host.emplace();
        made.host->scans = 1;
        made.host->last_scan = now - *visited_ago;
    }
    return made;
}

ReportFacts trap(ReportFacts made) {
    made.by_trap = true;
    return made;
}

ReportFacts by_operator(ReportFacts made) {
    made.by_operator = true;
    return made;
}

TEST(ReportRules, Table) {
    const std::vector<Row> rows{
        {"a good reporter, one needed", facts(Trust::full, 0), 1, What::visit, 0h},
        {"a good reporter alone, two needed", facts(Trust::full, 0), 2, What::wait, 0h},
        {"the second of two", facts(Trust::full, 1), 2, What::visit, 0h},
        {"a trap counts alone", trap(facts(Trust::full, 0)), 2, What::visit, 0h},
        {"a trap needs no standing", trap(facts(Trust::none, 0)), 2, What::visit, 0h},
        {"the operator counts alone", by_operator(facts(Trust::full, 0)), 2, What::visit, 0h},
        {"low standing comes later", facts(Trust::low, 0), 1, What::visit, 1h},
        {"lower standing needs another", facts(Trust::second, 0), 1, What::wait, 0h},
        {"... and has him", facts(Trust::second, 1), 1, What::visit, 0h},
        {"no standing is refused", facts(Trust::none, 5), 1, What::refuse, 0h},
        {"just visited", facts(Trust::full, 0, 1h), 1, What::visit, 23h},
        {"just visited, a trap", trap(facts(Trust::full, 0, 1h)), 1, What::visit, 23h},
        {"just visited, the operator", by_operator(facts(Trust::full, 0, 1h)), 1, What::visit, 0h},
        {"visited yesterday", facts(Trust::full, 0, 24h), 1, What::visit, 0h},
        {"the later of both delays", facts(Trust::low, 0, 23h + 30min), 1, What::visit, 1h},
    };
    for (const auto& row : rows) {
        PolicyRules rules;
        rules.reports_needed = row.needed;
        const auto decision = judge_report(row.facts, rules, now);
        EXPECT_EQ(decision.what, row.expected) << row.what;
        if (row.expected == What::visit) {
            EXPECT_EQ(decision.due, now + row.due_in) << row.what;
        } else {
            EXPECT_FALSE(decision.why.empty()) << row.what;
        }
    }
}

} // namespace
} // namespace provenbl::verifier
