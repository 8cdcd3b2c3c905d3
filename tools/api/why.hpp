// Why a host is listed, or is not, and what would end that: two sentences, for `provenbl why`.
//
// Pure: the records, the rules and the time in, text out. The rules that it speaks of are those of verifier/policy.
#pragma once

#include "tools/api/describe.hpp"
#include "verifier/settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools::api {

struct WhyFacts {
    HostFacts host;
    std::vector<Change> changes;      // of the host, the newest first
    std::optional<Scan> last_request; // the owner's newest
    std::vector<AuditLine> audit;     // cases whose beginning the journal no longer has, the oldest first
};
[[nodiscard]] WhyFacts read_why_facts(const ReadTxn& txn, const Address& address, Time now);

struct Why {
    std::string reason;  // what was proven, when and how often; or how the last listing ended
    std::string way_out; // which ways have to refuse, what the owner can do now, when we look again by ourselves
};
[[nodiscard]] Why why(const WhyFacts& facts, const verifier::PolicyRules& rules);

} // namespace provenbl::tools::api
