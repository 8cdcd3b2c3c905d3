#include "tools/api/public_view.hpp"

#include <algorithm>
#include <chrono>

namespace provenbl::tools::api {

Scan seen_by(Reader reader, Scan scan) {
    if (reader == Reader::the_operator) return scan;
    if (scan.kind == ScanKind::report) {
        for (auto* const time : {&scan.requested, &scan.due, &scan.started, &scan.finished})
            *time = std::chrono::floor<std::chrono::days>(*time);
        for (auto& step : scan.steps) step.at = std::chrono::floor<std::chrono::days>(step.at);
    }
    // An owner may have brought forward what a report had asked for before.
    if (scan.kind == ScanKind::owner) scan.due = std::max(scan.due, scan.requested);
    return scan;
}

HostFacts seen_by(Reader reader, HostFacts facts) {
    for (auto* const visit : {&facts.last_visit, &facts.next_visit}) {
        if (*visit) *visit = seen_by(reader, std::move(**visit));
    }
    return facts;
}

} // namespace provenbl::tools::api
