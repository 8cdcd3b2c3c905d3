// What a worker's word is worth. Pure.
//
// A step that says `open` is taken when the store holds the proof: the token came back to our sinks, and the rules let
// it count (receiver.cpp). Otherwise it is a claim, a reason to look ourselves. For a delisting that two networks must
// agree on, the less closed of two findings stands.
#pragma once

#include "store/ledger.hpp"
#include "store/records.hpp"

#include <string_view>
#include <vector>

namespace provenbl::verifier {

// The worker's step as it is recorded. `host` is as the store has it now.
[[nodiscard]] ScanStep weigh(const Host& host, const Scan& scan, ScanStep claimed, std::string_view worker);

// A way that is looked at again from here.
struct Claim {
    std::string technique;
    Endpoint target;
    bool operator==(const Claim&) const = default;
};
inline constexpr std::size_t most_claims = 64; // as many as a host has holes
// Of a worker's visit. What we find ourselves, and what both come to, always has room behind them: for each claim two
// (the attempt, and its mail), for each hole one.
inline constexpr std::size_t most_carried_steps = 256;
static_assert(most_carried_steps + 2 * most_claims + ledger::max_holes <= ledger::max_steps);

// What must be looked at from here after a worker's visit: with `agreement` every way that is listed, then the ways
// of mail that is held (receiver.hpp), then what it claims open without a proof that counts. At most most_claims, so
// that no claim keeps a listed way from our look.
[[nodiscard]] std::vector<Claim> to_look_at(const Host& host, const Scan& scan, const std::vector<ScanStep>& claimed,
                                            const std::vector<Claim>& held, bool agreement);

// Steps to add at `at` behind both, so that the last word about each hole (policy.cpp) is the less closed of the two.
[[nodiscard]] std::vector<ScanStep> settle(const Host& host, const std::vector<ScanStep>& theirs,
                                           const std::vector<ScanStep>& ours, std::string_view worker, Time at);

} // namespace provenbl::verifier
