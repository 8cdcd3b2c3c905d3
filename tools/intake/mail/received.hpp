// Who handed a mail over to our own servers: the injecting address, from the Received fields (RFC 5321 4.4).
//
// Every server puts its line on top. So they are read from the top, and only as far as our own servers wrote them: a
// line counts while its `by` is trusted, and the first of them that names an address outside our trusted networks names
// the host that we look for. What stands below was written by that host, or by whoever came before it, and is never
// looked at. Of a line, only what the server itself saw counts, never the name that the client gave (HELO, ident).
// Pure.
#pragma once

#include "store/address.hpp"
#include "tools/intake/mail/mime.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::intake::mail {

struct Hop {
    std::optional<Address> from; // as the server saw it; nothing: it came from inside the machine
    std::string by;              // the server's name in lower case, or its address
};

// Lines as Postfix, Exim, sendmail, qmail, Exchange, Dovecot and others write them. Nothing when there is no `by`.
[[nodiscard]] std::optional<Hop> parse_received(std::string_view value);

// Our own mail servers, up to the one that strangers speak to.
struct TrustedHops {
    std::vector<Prefix> networks;   // the machine itself (127.0.0.1, ::1) always is
    std::vector<std::string> names; // in lower case
};

// Error invalid: there is none that can be trusted, and why.
[[nodiscard]] Result<Address> injecting_address(const Header& header, const TrustedHops& trusted);

} // namespace provenbl::tools::intake::mail
