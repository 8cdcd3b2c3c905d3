// The message that a relay test tries to send: whoever reads it learns what it is, who sent it and how to be
// left alone. Pure.
#pragma once

#include "verifier/settings.hpp"

#include <string>
#include <string_view>

namespace provenbl::verifier::techniques {

// RFC 5322, with CRLF, dot-stuffed and ended by the lone dot (RFC 5321 4.5.2). The token stands in To only.
[[nodiscard]] std::string relay_message(const Identity& identity, const Endpoint& target, std::string_view technique,
                                        std::string_view token, Time now);

// RFC 5322 3.3: "Tue, 24 Nov 2026 23:10:06 +0000"
[[nodiscard]] std::string mail_date(Time time);

} // namespace provenbl::verifier::techniques
