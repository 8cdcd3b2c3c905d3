// A proxy is asked for each of our sinks in turn, graver first, because one that is open for 443 only is
// another finding than one that is open for 25. The best of the attempts is the verdict.
#pragma once

#include "verifier/technique.hpp"

namespace provenbl::verifier::techniques {

struct Attempt {
    ProbeResult result;
    bool final = false; // another target would fare no better: the host is gone, or does not speak this
};

// One connection, one token, one target.
using TryTarget = Awaitable<Attempt> (*)(ProbeContext&, const Technique&, const Endpoint& target);
using Fits = bool (*)(const Endpoint& target);

[[nodiscard]] inline bool any_target(const Endpoint&) {
    return true;
}

Awaitable<ProbeResult> try_targets(ProbeContext& context, const Technique& technique, Fits fits, TryTarget attempt);

} // namespace provenbl::verifier::techniques
