// Which mail server a host runs, by what it says of itself and by how it speaks. Pure.
//
// A hint for the owner's fix page, never a verdict: banners lie. The banner is believed first, then the reply to HELP,
// then the extensions in the reply to EHLO. A version follows where one is said.
#pragma once

#include "verifier/wire/smtp_reply.hpp"

#include <string>

namespace provenbl::verifier::fingerprint {

// "Exim 4.96", "Postfix"; empty when nothing is recognised.
[[nodiscard]] std::string by_banner(const wire::SmtpReply& banner);
[[nodiscard]] std::string by_help(const wire::SmtpReply& reply); // to HELP, a refusal too
[[nodiscard]] std::string by_ehlo(const wire::SmtpReply& reply);

} // namespace provenbl::verifier::fingerprint
