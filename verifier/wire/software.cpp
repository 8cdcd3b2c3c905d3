// A table of words that mail servers put in their banners, and three HTTP fields.
#include "verifier/wire/software.hpp"

#include "verifier/wire/printable.hpp"

#include <array>

namespace provenbl::verifier::wire {
namespace {

struct Mark {
    std::string_view word; // as it stands in banners
    std::string_view name;
};

// Order matters where one banner holds two marks: the more telling comes first.
constexpr std::array marks{
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
    Mark{"IdeaSmtpServer", "IdeaSmtpServer"},
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

// A version right behind the name: " 4.96", "/8.17.1".
std::string_view version_behind(std::string_view text) {
    if (text.size() < 2 || (text[0] != ' ' && text[0] != '/')) return {};
    std::size_t end = 1;
    while (end < text.size() && end < 16 && ((text[end] >= '0' && text[end] <= '9') || text[end] == '.')) ++end;
    const auto version = text.substr(1, end - 1);
    return version.find('.') == std::string_view::npos || version.front() == '.' ? std::string_view{} : version;
}

} // namespace

std::string smtp_software(const SmtpReply& banner) {
    for (const auto& mark : marks) {
        for (const auto& line : banner.lines) {
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

std::string http_software(const HttpHead& head, bool passed_through) {
    if (const auto agent = head.find("proxy-agent"); !agent.empty()) return printable(agent, 64);
    const auto via = head.find("via");
    const auto open = via.rfind('(');
    const auto close = via.rfind(')');
    if (open != std::string_view::npos && close != std::string_view::npos && open + 1 < close)
        return printable(via.substr(open + 1, close - open - 1), 64);
    return passed_through ? std::string{} : printable(head.find("server"), 64);
}

} // namespace provenbl::verifier::wire
