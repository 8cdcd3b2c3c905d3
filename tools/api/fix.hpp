// How the owner of a host closes what was proven there: guides (tools/fixes) chosen by what was really seen.
#pragma once

#include "tools/api/context.hpp"
#include "tools/api/describe.hpp"
#include "tools/fixes/library.hpp"

#include <boost/json.hpp>

#include <string>
#include <vector>

namespace provenbl::tools::api {

// The ways that are open, with the software that each showed; of a host that is not listed any more those of its last
// case.
[[nodiscard]] std::vector<fixes::Finding> findings_of(const HostFacts& facts,
                                                      const std::vector<CaseEvidence>& evidence);

[[nodiscard]] boost::json::object describe(const fixes::Advice& advice);

} // namespace provenbl::tools::api
