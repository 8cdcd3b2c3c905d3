// What the HTTP techniques share: our name, and the response's head behind any interim responses.
#pragma once

#include "verifier/technique.hpp"
#include "verifier/techniques/dialogue.hpp"
#include "verifier/wire/http_reply.hpp"

#include <optional>

namespace provenbl::verifier::techniques {

// "provenbl (+https://bl.example/probing; postmaster@bl.example)"
[[nodiscard]] std::string user_agent(const Identity& identity);

// Is this the status of a proxy that tried to reach the target and failed? 501 and 505 (RFC 9110 15.6) speak
// of the request, and say no.
[[nodiscard]] bool failed_to_reach(int status);

// 429 (RFC 6585 section 4): we ask too much, which says nothing of the host.
[[nodiscard]] std::optional<ProbeResult> judge_slow_down(const wire::HttpHead& head);

// Whoever forbids the target, fails to reach it or names itself a proxy is one; others at least speak HTTP.
[[nodiscard]] Hint hint_of(const wire::HttpHead& head);

// Reads on past 1xx responses, a few of them (Errc::limit). unread() begins with the body afterwards.
Awaitable<Result<wire::HttpHead>> read_http_head(Dialogue& dialogue);

} // namespace provenbl::verifier::techniques
