// What the SOCKS5 techniques share (RFC 1928 sections 3 to 6): greeting, wait, request, wait. Pipelined, some servers
// fail. We offer no authentication; a server that wants some is closed, and is never given any.
#pragma once

#include "verifier/techniques/dialogue.hpp"
#include "verifier/techniques/targets.hpp"
#include "verifier/wire/socks.hpp"

#include <optional>
#include <string>

namespace provenbl::verifier::techniques {

struct Socks5Asked {
    std::optional<wire::Socks5Reply> reply; // absent: it did not come to one
    Attempt refusal;                        // unless granted
    [[nodiscard]] bool granted() const { return reply && reply->granted(); }
};

Awaitable<Socks5Asked> ask_socks5(Dialogue& dialogue, std::string request);

} // namespace provenbl::verifier::techniques
