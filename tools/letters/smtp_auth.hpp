// Who we are, told to the smarthost (RFC 4954): AUTH PLAIN (RFC 4616), or LOGIN where a server has only that. Both show
// the password to whoever listens, so the caller has secured the connection before.
#pragma once

#include "tools/letters/credentials.hpp"
#include "verifier/techniques/smtp_session.hpp"

namespace provenbl::tools::letters {

// `hello` is the answer to EHLO inside TLS. Errors: not_allowed (the server refuses, in its words), protocol (it offers
// nothing that we know), or the connection's. None of them tells the password.
verifier::Awaitable<Result<>> log_in(verifier::techniques::SmtpSession& session, verifier::wire::SmtpReply hello,
                                     Credentials credentials);

} // namespace provenbl::tools::letters
