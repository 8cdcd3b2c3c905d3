// What the responder counted, as JSON: docs/observing.md says what each member means.
#pragma once

#include "dnsbl/server.hpp"

#include <boost/json.hpp>

namespace provenbl::tools::api {

// {"udp_queries": 7, ..., "results": {...}, "types": {...}, "drops": {...}, "zones": [...], "latency": {...}}
// Types and results that were not met are left out.
[[nodiscard]] boost::json::object describe(const dnsbl::ServerStatistics& statistics);

// {"served": {"NAME": {"whole": 1, "differences": 7, "broken": 0, "octets": .., "records": .., "messages": ..,
// "seconds":
// .., "last": ".."}}, "refused": {"signature": 3}, "notify": {"sent": .., "again": .., "acknowledged": ..,
// "unanswered":
// ..}}. Reasons that were not met are left out; who needs no signature is "".
[[nodiscard]] boost::json::object describe(const dnsbl::TransferStatistics& statistics);

} // namespace provenbl::tools::api
