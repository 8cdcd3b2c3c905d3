#include "tools/letters/hand_over.hpp"

#include "tools/letters/smtp_auth.hpp"

#include <fmt/format.h>

namespace provenbl::tools::letters {
namespace {

using verifier::Awaitable;
using verifier::techniques::SmtpSession;
using verifier::wire::SmtpReply;

Delivery failed(const Error& error, std::string_view at) {
    return {Outcome::later, fmt::format("{}: {}", at, error.message)};
}
Delivery said(const SmtpReply& reply, std::string_view at) {
    return {Outcome::later, fmt::format("{}: {}", at, reply.quote())};
}

// RFC 5321 4.5.2
std::string with_dots_stuffed(std::string_view message) {
    std::string wire;
    wire.reserve(message.size() + 16);
    bool at_start = true;
    for (const char c : message) {
        if (at_start && c == '.') wire += '.';
        wire += c;
        at_start = c == '\n';
    }
    return wire + ".\r\n";
}

Awaitable<Result<SmtpReply>> greet(SmtpSession& session, const std::string& helo) {
    std::string ehlo = "EHLO " + helo;
    Result<SmtpReply> reply = co_await session.command(std::move(ehlo));
    if (!reply || reply->kind() == 2) co_return reply;
    std::string older = "HELO " + helo;
    co_return co_await session.command(std::move(older));
}

// TLS by STARTTLS, as the server offers and the settings want it; true when the connection is secured. `hello` is then
// what the server said inside.
Awaitable<Result<bool>> secure(SmtpSession& session, const Greeting& greeting, SmtpReply& hello) {
    const bool offered = verifier::wire::offers(hello, "STARTTLS");
    if (!offered && greeting.tls == SmarthostTls::required)
        co_return Error{Errc::protocol, "the smarthost offers no STARTTLS, and letters.smarthost_tls requires it"};
    if (!offered || greeting.tls == SmarthostTls::none) co_return false;
    std::string start = "STARTTLS";
    const Result<SmtpReply> go = co_await session.command(std::move(start));
    if (!go) co_return Error{go.error().code, fmt::format("STARTTLS: {}", go.error().message)};
    if (go->kind() != 2) co_return Error{Errc::protocol, fmt::format("STARTTLS: {}", go->quote())};
    const Result<> secured = co_await session.start_tls(greeting.server_name);
    if (!secured) co_return Error{secured.error().code, fmt::format("TLS: {}", secured.error().message)};
    const Result<SmtpReply> again = co_await greet(session, greeting.helo);
    if (!again) co_return Error{again.error().code, fmt::format("EHLO: {}", again.error().message)};
    if (again->kind() != 2) co_return Error{Errc::protocol, fmt::format("EHLO: {}", again->quote())};
    hello = *again;
    co_return true;
}

Delivery not_in_clear_text() {
    return {Outcome::later, "the smarthost offers no STARTTLS, and a password is never sent in clear text: ask its "
                            "operator for its submission port (587, or 465), or leave letters.user out"};
}

} // namespace

Awaitable<Delivery> hand_over(SmtpSession& session, Greeting greeting, Envelope envelope, std::string message) {
    if (greeting.tls_at_once) {
        const Result<> secured = co_await session.start_tls(greeting.server_name);
        if (!secured) co_return failed(secured.error(), "TLS");
    }
    const Result<SmtpReply> banner = co_await session.reply();
    if (!banner) co_return failed(banner.error(), "greeting");
    if (banner->kind() != 2) co_return said(*banner, "greeting");
    Result<SmtpReply> hello = co_await greet(session, greeting.helo);
    if (!hello) co_return failed(hello.error(), "EHLO");
    if (hello->kind() != 2) co_return said(*hello, "EHLO");

    bool secured = greeting.tls_at_once;
    if (!secured) {
        const Result<bool> done = co_await secure(session, greeting, *hello);
        if (!done) co_return Delivery{Outcome::later, done.error().message};
        secured = *done;
    }
    if (greeting.credentials) {
        if (!secured) co_return not_in_clear_text();
        SmtpReply offer = *hello;
        Credentials credentials = *greeting.credentials;
        const Result<> known = co_await log_in(session, std::move(offer), std::move(credentials));
        if (!known) co_return failed(known.error(), "AUTH");
    }

    std::string from = fmt::format("MAIL FROM:<{}>", envelope.sender);
    const Result<SmtpReply> mail = co_await session.command(std::move(from));
    if (!mail) co_return failed(mail.error(), "MAIL");
    if (mail->kind() != 2) co_return said(*mail, "MAIL");
    std::string to = fmt::format("RCPT TO:<{}>", envelope.recipient);
    const Result<SmtpReply> recipient = co_await session.command(std::move(to));
    if (!recipient) co_return failed(recipient.error(), "RCPT");
    if (recipient->kind() == 5) co_return Delivery{Outcome::refused, fmt::format("RCPT: {}", recipient->quote())};
    if (recipient->kind() != 2) co_return said(*recipient, "RCPT");
    std::string data = "DATA";
    const Result<SmtpReply> ready = co_await session.command(std::move(data));
    if (!ready) co_return failed(ready.error(), "DATA");
    if (ready->kind() != 3) co_return said(*ready, "DATA");
    std::string body = with_dots_stuffed(message);
    const Result<SmtpReply> end = co_await session.message(std::move(body));
    if (!end) co_return Delivery{Outcome::unsure, fmt::format("no answer to the message: {}", end.error().message)};
    if (end->kind() != 2) co_return said(*end, "message");
    Delivery taken{Outcome::taken, end->quote()};
    co_await session.quit();
    co_return taken;
}

} // namespace provenbl::tools::letters
