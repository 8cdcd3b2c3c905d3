// What SOCKS and CONNECT share: once granted, the token goes through the tunnel to our sink, and only the
// sink's answer, brought back and confirmed, is proof. A grant, a banner, an echo or a page is none.
#pragma once

#include "verifier/techniques/dialogue.hpp"
#include "verifier/techniques/targets.hpp"

#include <optional>
#include <string>

namespace provenbl::verifier::techniques {

// Asks for a tunnel to `target`; nothing when it was granted.
using AskForTunnel = Awaitable<std::optional<Attempt>> (*)(ProbeContext&, Dialogue&, const Target& target);

// Connects, asks, proves. `repeat` is the command that repeats it, with TOKEN.
Awaitable<Attempt> try_tunnel(ProbeContext& context, const Technique& technique, const Target& target, AskForTunnel ask,
                              std::string repeat);

} // namespace provenbl::verifier::techniques
