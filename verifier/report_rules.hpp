// What a report brings about: nothing, waiting for somebody else to say so too, or a visit, and when. Pure.
//
// RFC 6471 3.6.1: no scan without provocation, and none that reports could repeat at will.
#pragma once

#include "store/records.hpp"
#include "store/reporters.hpp"
#include "verifier/settings.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace provenbl::verifier {

struct ReportFacts {
    bool by_operator = false; // he may have any host looked at, at any time
    bool by_trap = false;     // our own evidence: needs nobody's agreement, and no standing
    reporters::Trust trust = reporters::Trust::full;
    std::size_t others = 0; // reporters who named the host within rules.report_window
    std::optional<Host> host;
};

struct ReportDecision {
    enum class What : std::uint8_t { visit, wait, refuse };
    What what = What::visit;
    Time due{};      // of a visit
    std::string why; // in one sentence, for the reporter; empty for a visit at once
};

[[nodiscard]] ReportDecision judge_report(const ReportFacts& facts, const PolicyRules& rules, Time now);

} // namespace provenbl::verifier
