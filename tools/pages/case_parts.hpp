// The parts of the page about one address, each from the same view. Inside tools/pages/ only.
#pragma once

#include "tools/pages/case_page.hpp"

namespace provenbl::tools::pages::parts {

// case_evidence.cpp: what was proven, and how to close it.
[[nodiscard]] Html evidence(const CaseView& view);
[[nodiscard]] Html fix(const CaseView& view);

// case_visits.cpp: how to get off, the visit that is under way, the time until caches forget.
[[nodiscard]] Html way_out(const CaseView& view);
[[nodiscard]] Html live_scan(const CaseView& view);
[[nodiscard]] Html countdown(const CaseView& view);

// The address as a segment of a path.
[[nodiscard]] std::string path_of(const CaseView& view);

} // namespace provenbl::tools::pages::parts
