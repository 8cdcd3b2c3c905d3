// One SMTP connection as a client sees it: commands out, replies in, TLS in between (RFC 5321, RFC 3207).
// It knows the protocol and nothing of relay tests.
#pragma once

#include "verifier/techniques/dialogue.hpp"
#include "verifier/wire/smtp_reply.hpp"

#include <memory>
#include <string>

namespace provenbl::verifier::techniques {

class SmtpSession {
public:
    explicit SmtpSession(std::unique_ptr<Connection> connection) : dialogue_(std::move(connection)) {}

    Awaitable<Result<wire::SmtpReply>> reply();
    // `line` without its CRLF. What the server said unasked is dropped first, so that a reply is always to the
    // last command.
    Awaitable<Result<wire::SmtpReply>> command(std::string line);
    // The message with its final dot.
    Awaitable<Result<wire::SmtpReply>> message(std::string bytes);
    // After 220 to STARTTLS. Anything received before the handshake is dropped.
    Awaitable<Result<>> start_tls(std::string server_name);
    // Says QUIT, hears at most one short reply, and ends the connection.
    Awaitable<void> quit();

private:
    Dialogue dialogue_;
};

} // namespace provenbl::verifier::techniques
