// Handing one mail to a mail server that delivers it for us (RFC 5321), and what came of it.
//
// The conversation is a straight line over verifier/techniques/smtp_session; it knows no socket.
#pragma once

#include "tools/letters/credentials.hpp"
#include "tools/letters/settings.hpp"
#include "verifier/techniques/smtp_session.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace provenbl::tools::letters {

enum class Outcome : std::uint8_t {
    taken,   // 250 after the final dot
    refused, // this recipient, for good (5xx at RCPT)
    later,   // certainly not taken: nothing was said, or the server said so
    unsure,  // the final dot was said and no answer came: perhaps taken
};

struct Delivery {
    Outcome outcome = Outcome::later;
    std::string why; // the server's words, or what went wrong
};

struct Envelope {
    std::string sender; // where bounces go
    std::string recipient;
};

struct Greeting {
    std::string helo;
    std::string server_name; // for TLS
    SmarthostTls tls = SmarthostTls::opportunistic;
    bool tls_at_once = false; // before a word is said, not by STARTTLS (RFC 8314 3.3)
    std::optional<Credentials> credentials = {};

    // Neither letters that must be secured nor a password go to somebody who only says that he is the smarthost.
    [[nodiscard]] bool checks_certificate() const { return tls == SmarthostTls::required || credentials; }
};

// `message` has CRLF line ends and no final dot. The session ends with it.
verifier::Awaitable<Delivery> hand_over(verifier::techniques::SmtpSession& session, Greeting greeting,
                                        Envelope envelope, std::string message);

// Connects to "host:port", and hands over; with TLS at once where the port is that of submission over TLS (465), unless
// TLS is off. Blocks; bounded by a few times `timeout`.
[[nodiscard]] Delivery send_by_smarthost(const std::string& smarthost, const Greeting& greeting,
                                         const Envelope& envelope, const std::string& message, Duration timeout);

} // namespace provenbl::tools::letters
