#include "tools/intake/lmtp/lmtp_session.hpp"

#include "verifier/wire/smtp_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace provenbl::tools::intake {
namespace {

namespace wire = verifier::wire;
constexpr std::size_t longest_text = 480;

} // namespace

std::string LmtpReply::line() const {
    auto shown = text.substr(0, longest_text);
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return fmt::format("{} {} {}\r\n", code, status, shown);
}

std::string LmtpSession::greeting() const {
    return fmt::format("220 {} LMTP provenbl takes reports\r\n", rules_.hostname);
}

void LmtpSession::reset() {
    in_mail_ = false;
    recipients_.clear();
}

LmtpSession::Step LmtpSession::bad(std::string_view reply) {
    if (++errors_ >= rules_.error_limit) return {"421 4.7.0 too many errors, closing\r\n", Next::close};
    return {std::string(reply), Next::command};
}

LmtpSession::Step LmtpSession::command(std::string_view line, bool overlong) {
    if (++commands_ > rules_.command_limit) return {"421 4.7.0 too many commands, closing\r\n", Next::close};
    if (overlong) return bad("500 5.5.6 line too long\r\n");
    constexpr std::string_view lhlo = "LHLO";
    if (wire::equal_folded(line.substr(0, lhlo.size()), lhlo) && (line.size() == 4 || line[4] == ' ')) {
        if (line.size() <= lhlo.size() + 1) return bad("501 5.5.4 say who you are: LHLO name\r\n");
        reset();
        greeted_ = true;
        return {fmt::format("250-{}\r\n250-PIPELINING\r\n250-SIZE {}\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n",
                            rules_.hostname, rules_.message_limit),
                Next::command};
    }
    const auto [verb, argument] = wire::parse_smtp_command(line);
    using wire::SmtpVerb;
    switch (verb) {
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
        return {"250 2.0.0 ok\r\n", Next::command};
    case SmtpVerb::quit:
        return {fmt::format("221 2.0.0 {} closing\r\n", rules_.hostname), Next::close};
    case SmtpVerb::vrfy:
        return {"252 2.5.2 send some mail and see\r\n", Next::command};
    case SmtpVerb::helo:
    case SmtpVerb::ehlo: // RFC 2033 4.1
        return bad("500 5.5.1 this is LMTP: say LHLO (in Postfix: lmtp:unix:... or lmtp:inet:..., not smtp:)\r\n");
    default:
        return bad("500 5.5.2 command not recognised\r\n");
    }
}

LmtpSession::Step LmtpSession::mail(std::string_view argument) {
    if (!greeted_) return bad("503 5.5.1 LHLO first\r\n");
    if (in_mail_) return bad("503 5.5.1 a mail is begun already\r\n");
    const auto path = wire::parse_smtp_path(argument, "FROM");
    if (!path) return bad(fmt::format("501 5.1.7 {}\r\n", path.error().message));
    for (const auto& [name, value] : path->parameters) {
        if (name == "SIZE") {
            std::uint64_t size = 0;
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), size);
            if (error == std::errc::invalid_argument || end != value.data() + value.size())
                return bad("501 5.5.4 SIZE takes a number\r\n");
            if (error == std::errc::result_out_of_range || size > rules_.message_limit) return too_long();
        } else if (name != "BODY") {
            return bad("555 5.5.4 that parameter is not offered here\r\n");
        }
    }
    in_mail_ = true; // whoever it is: what is reported decides
    return {"250 2.1.0 sender ok\r\n", Next::command};
}

LmtpSession::Step LmtpSession::recipient(std::string_view argument) {
    if (!in_mail_) return bad("503 5.5.1 MAIL first\r\n");
    const auto path = wire::parse_smtp_path(argument, "TO");
    if (!path) return bad(fmt::format("501 5.1.3 {}\r\n", path.error().message));
    if (!path->parameters.empty()) return bad("555 5.5.4 that parameter is not offered here\r\n");
    const auto address = path->to_string();
    if (path->null || path->routed || !rules_.knows(address))
        return {LmtpReply{550, "5.1.1",
                          fmt::format("no reports are taken for <{}>; the operator names such addresses in "
                                      "intake.mail.addresses",
                                      address)}
                    .line(),
                Next::command};
    if (recipients_.size() >= rules_.recipient_limit)
        return {"452 4.5.3 too many recipients in one mail, send the rest in another\r\n", Next::command};
    recipients_.push_back(address);
    return {"250 2.1.5 recipient ok\r\n", Next::command};
}

LmtpSession::Step LmtpSession::data(std::string_view argument) {
    if (!argument.empty()) return bad("501 5.5.4 DATA takes no argument\r\n");
    if (!in_mail_) return bad("503 5.5.1 MAIL first\r\n");
    if (recipients_.empty()) return bad("503 5.5.1 no valid recipients\r\n"); // RFC 2033 4.2
    return {"354 go ahead, end with a line that is a dot\r\n", Next::message};
}

LmtpSession::Step LmtpSession::delivered(const std::vector<LmtpReply>& replies) {
    Step step;
    for (const auto& reply : replies) step.reply += reply.line();
    reset();
    return step;
}

LmtpSession::Step LmtpSession::too_long() {
    const LmtpReply reply{552, "5.3.4",
                          fmt::format("the mail is larger than the {} bytes that are taken here "
                                      "(intake.mail.message_limit); attach less, the header lines are enough",
                                      rules_.message_limit)};
    // One for each recipient; MAIL has none yet, and one reply.
    if (recipients_.empty()) return {reply.line(), Next::command};
    return delivered(std::vector<LmtpReply>(recipients_.size(), reply));
}

} // namespace provenbl::tools::intake
