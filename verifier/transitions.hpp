// The two transactions in which a listing follows from what a visit finds: a proof, and the visit's end. Inside a
// transaction of the caller's, so that a receiver, a scanner and a simulation of the policy take one and the same road.
#pragma once

#include "store/ledger.hpp"
#include "verifier/gate.hpp"
#include "verifier/settings.hpp"

#include <cstdint>
#include <string>

namespace provenbl::verifier {

// Lists the entry, and where the rules say so the exit. What the gate or the ledger does not let on the list is no
// error: the arrival stays recorded.
Result<> enlist(WriteTxn& txn, const Evidence& evidence, const Gate& gate, const PolicyRules& rules);

// running -> finished, with the policy's decision: counters, next visit, outcome, and whatever it clears.
struct Conclusion {
    Address host;
    std::uint64_t scan_id = 0;
    std::string software;
    std::uint32_t jitter = 0; // rescans.hpp
};
// Errors not_found and conflict when the visit is not under way any more.
Result<Scan> conclude_visit(WriteTxn& txn, const Gate& gate, const PolicyRules& rules, const Conclusion& conclusion);

} // namespace provenbl::verifier
