// What the HTTP techniques share: our name, and the response's head behind any interim responses.
#pragma once

#include "verifier/technique.hpp"
#include "verifier/techniques/dialogue.hpp"
#include "verifier/wire/http_reply.hpp"

namespace provenbl::verifier::techniques {

// "provenbl (+https://bl.example/probing; postmaster@bl.example)"
[[nodiscard]] std::string user_agent(const Identity& identity);

// Reads on past 1xx responses, a few of them (Errc::limit). unread() begins with the body afterwards.
Awaitable<Result<wire::HttpHead>> read_http_head(Dialogue& dialogue);

} // namespace provenbl::verifier::techniques
