// Tables of words. Order matters where one reply holds two marks: the more telling comes first.
#include "verifier/fingerprint/mail_software.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace provenbl::verifier::fingerprint {
namespace {

struct Mark {
    std::string_view word; // as it stands in the reply
    std::string_view name;
};

constexpr std::array in_banners{
    Mark{"OpenSMTPD", "OpenSMTPD"},
    Mark{"Microsoft ESMTP MAIL Service", "Microsoft Exchange or IIS SMTP"},
    Mark{"Haraka", "Haraka"},
    Mark{"Exim", "Exim"},
    Mark{"Sendmail", "Sendmail"},
    Mark{"Postfix", "Postfix"},
    Mark{"MailEnable", "MailEnable"},
    Mark{"hMailServer", "hMailServer"},
    Mark{"MDaemon", "MDaemon"},
    Mark{"Lotus Domino", "IBM Domino"},
    Mark{"CommuniGate Pro", "CommuniGate Pro"},
    Mark{"IdeaSmtpServer", "IdeaSmtpServer"},
    Mark{"SmarterMail", "SmarterMail"},
    Mark{"SurgeMail", "SurgeMail"},
    Mark{"IceWarp", "IceWarp"},
    Mark{"Merak", "IceWarp Merak"},
    Mark{"ArGoSoft", "ArGoSoft Mail Server"},
    Mark{"GroupWise", "GroupWise"},
    Mark{"PowerMTA", "PowerMTA"},
    Mark{"XMail", "XMail"},
    Mark{"AnalogX Proxy", "AnalogX Proxy"},
    Mark{"CCProxy", "CCProxy"},
    Mark{"Stalwart", "Stalwart"},
    Mark{"Maddy", "maddy"},
    Mark{"maddy", "maddy"},
    Mark{"qmail", "qmail"},
    Mark{"Courier", "Courier"},
    Mark{"Zimbra", "Zimbra"},
    Mark{"MailHog", "MailHog"},
    Mark{"JAMES", "Apache James"},
    Mark{"Kerio", "Kerio Connect"},
};

constexpr std::array in_help{
    Mark{"sendmail version", "Sendmail"},
    Mark{"This is sendmail", "Sendmail"},
    Mark{"This is OpenSMTPD", "OpenSMTPD"},
    Mark{"qmail home page", "qmail"},
    Mark{"This server supports the following commands", "Microsoft Exchange or IIS SMTP"},
    Mark{"Commands supported:", "Exim"},
    Mark{"Error: command not recognized", "Postfix"},
    Mark{"DATA HELO EHLO MAIL NOOP QUIT RCPT RSET", "hMailServer"},
};

constexpr std::array in_ehlo{
    Mark{"X-ANONYMOUSTLS", "Microsoft Exchange"},
    Mark{"X-EXPS", "Microsoft Exchange"},
    Mark{"XEXCH50", "Microsoft Exchange"},
};

// A version right behind the name: " 4.96", "/8.17.1".
std::string_view version_behind(std::string_view text) {
    if (text.size() < 2 || (text[0] != ' ' && text[0] != '/')) return {};
    std::size_t end = 1;
    while (end < text.size() && end < 16 && ((text[end] >= '0' && text[end] <= '9') || text[end] == '.')) ++end;
    const auto version = text.substr(1, end - 1);
    return version.find('.') == std::string_view::npos || version.front() == '.' ? std::string_view{} : version;
}

std::string first_of(std::span<const Mark> marks, const wire::SmtpReply& reply) {
    for (const auto& mark : marks) {
        for (const auto& line : reply.lines) {
            const auto at = line.find(mark.word);
            if (at == std::string::npos) continue;
            std::string name(mark.name);
            const auto version = version_behind(std::string_view(line).substr(at + mark.word.size()));
            if (!version.empty()) name.append(" ").append(version);
            return name;
        }
    }
    return {};
}

// Cisco's inspection of SMTP replaces what it does not like, most of the banner among it.
bool is_masked(std::string_view line) {
    return std::count(line.begin(), line.end(), '*') > 10;
}

} // namespace

std::string by_banner(const wire::SmtpReply& banner) {
    auto name = first_of(in_banners, banner);
    if (name.empty() && std::any_of(banner.lines.begin(), banner.lines.end(), is_masked))
        name = "a mail server behind a Cisco firewall";
    return name;
}

std::string by_help(const wire::SmtpReply& reply) {
    return first_of(in_help, reply);
}

std::string by_ehlo(const wire::SmtpReply& reply) {
    return first_of(in_ehlo, reply);
}

} // namespace provenbl::verifier::fingerprint
