// What a mail reports. It is one of
//
//   ARF       RFC 5965: the Source-IP, else who injected the mail that is attached
//   XARF v4   a JSON attachment with xarf_version: the source_identifier
//   HOPM      what hopm sends to its `dnsbl_to`: a proxy that it found, with its port
//   forwarded spam as an attachment (message/rfc822), or inline with all its header lines: who injected it
//   itself    the mail that came is the spam: who injected it. Only of addresses that are meant for that, because the
//             sender of any other mail is somebody who reports.
//
// Pure: bytes in, values out. All of it is a stranger's word, and only a reason to look.
#pragma once

#include "tools/intake/entry.hpp"
#include "tools/intake/mail/mime.hpp"
#include "tools/intake/mail/received.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::intake::mail {

enum class Kind : std::uint8_t { arf, xarf, hopm, forwarded, itself };
inline constexpr std::size_t kinds = 5;
[[nodiscard]] std::string_view to_string(Kind kind); // "arf", "xarf", "hopm", "forwarded", "spam"

struct Rules {
    TrustedHops trusted;
    Limits limits;
    std::size_t most_entries = 16; // of one mail; more are passed over
};

struct Reading {
    Kind kind = Kind::forwarded;
    std::vector<Entry> entries;       // each host once; none: a report of something that is not our business
    std::vector<std::string> no_host; // why parts of it named none
};

// Error invalid or limit: no report can be made of it, and what to do.
[[nodiscard]] Result<Reading> read_report(std::string_view text, const Rules& rules);
// The mail itself is the spam.
[[nodiscard]] Result<Reading> read_spam(std::string_view text, const Rules& rules);

// ---- the kinds; inside this folder only ----

// Nothing when the message is of another kind.
[[nodiscard]] Result<std::optional<Reading>> read_arf(const Message& message, const Rules& rules);
[[nodiscard]] Result<std::optional<Reading>> read_xarf(const Message& message, const Rules& rules);
[[nodiscard]] Result<std::optional<Reading>> read_hopm(const Message& message);
[[nodiscard]] Result<std::optional<Reading>> read_forwarded(const Message& message, const Rules& rules);

// Merges what is said of one host.
void add_entry(Reading& reading, Entry entry, const Rules& rules);
// A comment of foreign words: one line of plain text, within its limit.
[[nodiscard]] std::string remark_of(std::string_view text);
// Who injected the mail, with its Message-ID as comment.
[[nodiscard]] Result<Entry> injected(const Header& header, const Rules& rules);
// Is this part a mail, or the header of one?
[[nodiscard]] bool is_mail(const Part& part);

} // namespace provenbl::tools::intake::mail
