// Which HTTP proxy a host runs, by the fields of a response. Pure; a hint for the owner's fix page, never a verdict.
#pragma once

#include "verifier/wire/http_reply.hpp"

#include <string>

namespace provenbl::verifier::fingerprint {

// From Proxy-Agent, the comment of Via ("1.1 gw (squid/5.7)"), fields that one product alone sends, and Server unless
// the response was passed through from elsewhere; empty when none says anything.
[[nodiscard]] std::string by_head(const wire::HttpHead& head, bool passed_through);

} // namespace provenbl::verifier::fingerprint
