// The gate's rules (gate.hpp) for a network as a whole: is all of it left alone anyway?
#pragma once

#include "store/address.hpp"
#include "store/result.hpp"
#include "verifier/settings.hpp"

namespace provenbl::verifier {

// not_allowed, with the reason in words: a special-purpose range or one of our own networks holds it from end to end,
// and nothing of it is unlocked. A part is no reason. Exclusions are not looked at. Pure.
[[nodiscard]] Result<> check_network(const Prefix& network, const GateSettings& settings);

} // namespace provenbl::verifier
