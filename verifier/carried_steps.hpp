// What a worker's word is worth. Pure.
//
// A step that says `open` is taken when the store holds the proof: the token came back to our sinks, and the rules let
// it count (receiver.cpp). Otherwise it is a claim, a reason to look ourselves. For a delisting that two networks must
// agree on, the less closed of two findings stands.
#pragma once

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
inline constexpr std::size_t most_claims = 64;

// What must be looked at from here after a worker's visit: what it claims open without a proof that counts, and with
// `agreement` every way that is listed. At most most_claims.
[[nodiscard]] std::vector<Claim> to_look_at(const Host& host, const Scan& scan, const std::vector<ScanStep>& claimed,
                                            bool agreement);

// Steps to add at `at` behind both, so that the last word about each hole (policy.cpp) is the less closed of the two.
[[nodiscard]] std::vector<ScanStep> settle(const Host& host, const std::vector<ScanStep>& theirs,
                                           const std::vector<ScanStep>& ours, std::string_view worker, Time at);

} // namespace provenbl::verifier
