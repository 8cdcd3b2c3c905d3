// The sink's side of SMTP; replies carry enhanced status codes (RFC 3463, RFC 2034).
#include "verifier/sinks/mail_session.hpp"

#include "verifier/token.hpp"
#include "verifier/wire/smtp_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace provenbl::verifier {
namespace {

// Lines that are no SMTP at all: somebody else's protocol. A proxy that is asked to POST a mail here says the lines of
// its HTTP head first.
constexpr std::size_t bad_command_limit = 24;

// "user" for "\"user\"": the same mailbox (RFC 5321 4.1.2).
std::string_view unquoted(std::string_view local_part) {
    if (local_part.size() >= 2 && local_part.front() == '"' && local_part.back() == '"')
        return local_part.substr(1, local_part.size() - 2);
    return local_part;
}

// The reply to a token that the receiver refused; each kind has its own words.
std::string refusal(const Error& error) {
    switch (error.code) {
    case Errc::invalid:
    case Errc::not_found:
        return fmt::format("550 5.1.1 {}\r\n", error.message);
    case Errc::expired:
    case Errc::conflict:
        return fmt::format("550 5.7.1 {}\r\n", error.message);
    default:
        return "451 4.3.0 the sink can't record this now, try again later\r\n";
    }
}

} // namespace

MailSession::MailSession(const MailSessionRules& rules, Examine examine)
    : rules_(rules), examine_(std::move(examine)) {}

std::string MailSession::greeting() const {
    return fmt::format("220 {} ESMTP provenbl sink\r\n", rules_.hostname);
}

void MailSession::reset() {
    in_mail_ = false;
    recipients_.clear();
    trap_.clear();
}

MailSession::Step MailSession::bad(std::string_view reply) {
    if (++bad_commands_ >= bad_command_limit) return {"421 4.7.0 too many errors, closing\r\n", Next::close};
    return {std::string(reply), Next::command};
}

MailSession::Step MailSession::command(std::string_view line, bool overlong) {
    if (++commands_ > rules_.command_limit) return {"421 4.7.0 too many commands, closing\r\n", Next::close};
    if (overlong) return bad("500 5.5.6 line too long\r\n");
    const auto [verb, argument] = wire::parse_smtp_command(line);
    using wire::SmtpVerb;
    switch (verb) {
    case SmtpVerb::helo:
    case SmtpVerb::ehlo:
        if (argument.empty()) return {"501 5.5.4 say who you are: EHLO name\r\n", Next::command};
        reset();
        greeted_ = true;
        if (verb == SmtpVerb::helo) return {fmt::format("250 {}\r\n", rules_.hostname), Next::command};
        return {fmt::format("250-{}\r\n250-PIPELINING\r\n250-SIZE {}\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n",
                            rules_.hostname, rules_.message_limit),
                Next::command};
    case SmtpVerb::mail:
        return mail(argument);
    case SmtpVerb::rcpt:
        return recipient(argument);
    case SmtpVerb::data:
        return data(argument);
    case SmtpVerb::rset:
        reset();
        return {"250 2.0.0 reset\r\n", Next::command};
    case SmtpVerb::noop:
        return noop(argument);
    case SmtpVerb::quit:
        return {fmt::format("221 2.0.0 {} closing\r\n", rules_.hostname), Next::close};
    case SmtpVerb::vrfy:
        return {"252 2.5.2 send some mail and see\r\n", Next::command};
    case SmtpVerb::help:
        return {fmt::format("214 2.0.0 a sink for relay tests: mail for tokens at {} only\r\n", rules_.probe_domain),
                Next::command};
    case SmtpVerb::expn:
        return {"502 5.5.1 not implemented\r\n", Next::command};
    case SmtpVerb::unknown:
        break;
    }
    return bad("500 5.5.2 command not recognised\r\n");
}

MailSession::Step MailSession::mail(std::string_view argument) {
    if (!greeted_) return {"503 5.5.1 EHLO first\r\n", Next::command};
    if (in_mail_) return {"503 5.5.1 a mail is begun already\r\n", Next::command};
    const auto path = wire::parse_smtp_path(argument, "FROM");
    if (!path) return {fmt::format("501 5.1.7 {}\r\n", path.error().message), Next::command};
    for (const auto& [name, value] : path->parameters) {
        if (name == "SIZE") {
            std::uint64_t size = 0;
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), size);
            if (error == std::errc::invalid_argument || end != value.data() + value.size())
                return {"501 5.5.4 SIZE takes a number\r\n", Next::command};
            if (error == std::errc::result_out_of_range || size > rules_.message_limit)
                return {"552 5.3.4 the message is larger than this sink takes\r\n", Next::command};
        } else if (name != "BODY") {
            return {"555 5.5.4 that parameter is not offered here\r\n", Next::command};
        }
    }
    in_mail_ = true; // whoever the sender is: the recipient is the proof (but see Receiver::accept)
    sender_ = path->to_string();
    return {"250 2.1.0 sender ok\r\n", Next::command};
}

MailSession::Step MailSession::recipient(std::string_view argument) {
    if (!in_mail_) return {"503 5.5.1 MAIL first\r\n", Next::command};
    const auto path = wire::parse_smtp_path(argument, "TO");
    if (!path) return {fmt::format("501 5.1.3 {}\r\n", path.error().message), Next::command};
    if (!path->parameters.empty()) return {"555 5.5.4 that parameter is not offered here\r\n", Next::command};
    if (!path->null && !path->routed && is_trap(unquoted(path->local_part), path->domain)) {
        trap_ = path->to_string();
        return {"250 2.1.5 recipient ok\r\n", Next::command};
    }
    // A suspect that hands the tricky form on has not relayed: only the plain one counts.
    if (path->null || path->routed || !is_ours(path->domain))
        return {fmt::format("550 5.7.1 relaying denied: mail for tokens at {} only\r\n", rules_.probe_domain),
                Next::command};
    if (wire::equal_folded(path->local_part, "probe"))
        return {"550 5.1.1 bounces are not collected\r\n", Next::command};
    if (wire::equal_folded(path->local_part, "postmaster") || wire::equal_folded(path->local_part, "abuse"))
        return {rules_.contact.empty()
                    ? "550 5.1.1 nobody reads mail here\r\n"
                    : fmt::format("550 5.1.1 nobody reads mail here, write to {}\r\n", rules_.contact),
                Next::command};
    const auto id = examine_(unquoted(path->local_part), SinkKind::mail);
    if (!id) return {refusal(id.error()), Next::command};
    if (std::find(recipients_.begin(), recipients_.end(), *id) == recipients_.end()) recipients_.push_back(*id);
    return {"250 2.1.5 token ok\r\n", Next::command};
}

// A dot at the end is DNS's way to write the same name.
bool MailSession::is_ours(std::string_view domain) const {
    if (domain.ends_with('.')) domain.remove_suffix(1);
    return wire::equal_folded(domain, rules_.probe_domain) ||
           std::any_of(rules_.other_names.begin(), rules_.other_names.end(),
                       [domain](const std::string& name) { return wire::equal_folded(domain, name); });
}

// A whole domain is none where tokens are mailed to.
bool MailSession::is_trap(std::string_view local_part, std::string_view domain) const {
    if (domain.ends_with('.')) domain.remove_suffix(1);
    return std::any_of(rules_.traps.begin(), rules_.traps.end(), [&](const std::string_view trap) {
        const auto at = trap.rfind('@');
        if (at == std::string_view::npos || !wire::equal_folded(domain, trap.substr(at + 1))) return false;
        return at == 0 ? !is_ours(domain) : wire::equal_folded(local_part, trap.substr(0, at));
    });
}

MailSession::Step MailSession::data(std::string_view argument) {
    if (!argument.empty()) return {"501 5.5.4 DATA takes no argument\r\n", Next::command};
    if (!in_mail_) return {"503 5.5.1 MAIL first\r\n", Next::command};
    if (recipients_.empty() && trap_.empty()) return {"554 5.5.1 no valid recipients\r\n", Next::command};
    return {"354 go ahead, end with a line that is a dot\r\n", Next::message};
}

MailSession::Step MailSession::delivered(const std::vector<Result<>>& outcomes, bool overlong,
                                         const Result<>& trapped) {
    const bool for_tokens = !recipients_.empty();
    reset();
    if (overlong) return {"552 5.3.4 the message is larger than this sink takes\r\n", Next::command};
    bool any = false;
    std::optional<Error> refused;
    for (const auto& outcome : outcomes) {
        if (outcome) {
            any = true;
            continue;
        }
        auto error = outcome.error();
        const auto code = error.code;
        // Trouble of ours: the suspect keeps the mail and tries again, so the proof is not lost.
        if (code != Errc::not_found && code != Errc::expired && code != Errc::conflict)
            return {"451 4.3.0 the sink can't record this now, try again later\r\n", Next::command};
        refused = std::move(error);
    }
    if (!any && refused) return {refusal(*refused), Next::command};
    if (!for_tokens)
        return {trapped ? "250 2.0.0 received\r\n" : "451 4.3.0 this can't be taken now, try again later\r\n",
                Next::command};
    return {"250 2.0.0 received: this mail is proof that it was relayed\r\n", Next::command};
}

MailSession::Step MailSession::noop(std::string_view argument) {
    if (argument.size() != TokenMint::text_size) return {"250 2.0.0 ok\r\n", Next::command};
    const auto id = examine_(argument, SinkKind::callback);
    if (!id) return {refusal(id.error()), Next::command};
    token_ = *id;
    return {{}, Next::callback};
}

MailSession::Step MailSession::called_back(const Result<>& outcome, std::string_view answer) {
    if (!outcome) {
        const auto reply = refusal(outcome.error());
        // To the probe at the other end of a tunnel, 421 is our own trouble and nothing else is.
        if (reply.starts_with('4')) return {"421 4.3.0 the sink can't record this now, closing\r\n", Next::close};
        return {reply, Next::command};
    }
    return {fmt::format("250 {}\r\n", answer), Next::command};
}

} // namespace provenbl::verifier
