// What software a host seems to run, by its own words. A hint for the owner's fix page, never a verdict.
#pragma once

#include "verifier/wire/http_reply.hpp"
#include "verifier/wire/smtp_reply.hpp"

#include <string>

namespace provenbl::verifier::wire {

// From a banner ("220 mx ESMTP Exim 4.96 ..." gives "Exim 4.96"); empty when nothing is recognised.
[[nodiscard]] std::string smtp_software(const SmtpReply& banner);

// From Proxy-Agent, the comment of Via ("1.1 gw (squid/5.7)"), and Server unless the response was passed
// through from elsewhere; empty when none says anything.
[[nodiscard]] std::string http_software(const HttpHead& head, bool passed_through);

} // namespace provenbl::verifier::wire
