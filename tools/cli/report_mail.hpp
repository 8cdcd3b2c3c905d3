// `provenbl report --mail`: a mail from standard input to the server, as the last step of a mail server's delivery (an
// alias, pipe(8) of Postfix, a pipe transport of Exim).
//
// It speaks LMTP (RFC 2033), so it needs no right but to connect to that socket, and what a mail means is known in one
// place. Its exit status is one of sysexits.h, which mail servers understand: the mail is delivered, kept and tried
// again, or sent back.
#pragma once

#include "tools/cli/exit_code.hpp"
#include "tools/cli/terminal.hpp"

#include <istream>
#include <string>
#include <string_view>

namespace provenbl::tools::cli {

inline constexpr auto default_lmtp = "unix:/run/provenbl/lmtp.sock";

struct MailRequest {
    std::string lmtp = default_lmtp; // "unix:/path", or "127.0.0.1:24"
    std::string to;                  // empty: RECIPIENT of the environment, which mail servers set
};

// 0 for a reply that took the mail; EX_TEMPFAIL (75) for one that may change; else EX_NOUSER (67) for the address,
// EX_NOPERM (77) for a rule, EX_DATAERR (65).
[[nodiscard]] int exit_of_reply(unsigned code, std::string_view status);
// RFC 5321 4.5.2: lines end with CRLF, a dot in front is doubled; with the dot that ends it.
[[nodiscard]] std::string as_data(std::string_view mail);

[[nodiscard]] Exit report_mail(Terminal& terminal, const MailRequest& request, std::istream& mail, bool json);

} // namespace provenbl::tools::cli
