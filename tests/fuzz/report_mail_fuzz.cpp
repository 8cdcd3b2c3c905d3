// A mail that reports, as LMTP hands it on: taken apart, read as every kind. Whatever it is, what comes out keeps the
// bounds, no host is named twice, and nobody is named but by a line of our own servers, a report's own field, or HOPM.
#include "tools/intake/lmtp/lmtp_session.hpp"
#include "tools/intake/mail/reading.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

namespace {

using namespace provenbl;
using namespace provenbl::tools::intake;

void require(bool condition) {
    if (!condition) std::abort();
}

void check(const Result<mail::Reading>& reading, const mail::Rules& rules) {
    if (!reading) return;
    require(reading->entries.size() <= rules.most_entries);
    std::set<Address> seen;
    for (const auto& entry : reading->entries) {
        require(seen.insert(entry.address).second);
        require(entry.ports.size() <= most_ports);
        require(entry.comment.size() <= longest_comment);
        require(entry.comment.find('\n') == std::string::npos);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const mail::Rules rules{{{*Prefix::parse("10.0.0.0/8")}, {"mx.example"}}, {}, 4};
    if (const auto message = mail::take_apart(text, rules.limits)) {
        require(message->parts.size() <= rules.limits.parts);
        std::size_t kept = 0;
        for (const auto& part : message->parts) kept += part.content.size();
        require(kept <= text.size() + message->parts.size());
    }
    check(mail::read_report(text, rules), rules);
    const auto spam = mail::read_spam(text, rules);
    check(spam, rules);
    // Without one of our own names there is nobody to believe.
    const mail::Rules nobody{};
    const auto unknown = mail::read_spam(text, nobody);
    require(!unknown || unknown->entries.size() == 1);
    (void)mail::parse_received(text);
    require(LmtpReply{250, "2.0.0", std::string{text}}.line().size() <= 512);
    return 0;
}
