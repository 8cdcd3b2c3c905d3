// How a proxy's conversation begins: a connection, and TLS around it where the technique says so.
//
// No certificate is checked: what we prove is that the host relays, not who it is.
#pragma once

#include "verifier/technique.hpp"
#include "verifier/techniques/targets.hpp"

#include <memory>

namespace provenbl::verifier::techniques {

struct Opening {
    std::unique_ptr<Connection> connection; // null: `failure` says why
    Attempt failure;                        // final: another target would fare no better
};

Awaitable<Opening> open_conversation(ProbeContext& context, const Technique& technique);

} // namespace provenbl::verifier::techniques
