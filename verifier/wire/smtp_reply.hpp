// Replies of an SMTP server (RFC 5321 4.2), read as they come.
//
// Pure: bytes in, replies out. Bounded: a line of at most 4 KiB, at most 256 lines a reply; more is
// Errc::limit. What cannot become a reply is Errc::protocol as soon as it is seen, not at the end of its line.
// Lenient where servers are: bare LF ends a line, text may hold any byte, the last line's code counts.
#pragma once

#include "store/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::verifier::wire {

struct SmtpReply {
    int code = 0;                   // 200 to 599
    std::vector<std::string> lines; // the texts behind the codes; at least one

    [[nodiscard]] int kind() const { return code / 100; } // the first digit
    [[nodiscard]] std::string quote() const;              // "550 5.7.1 relaying denied", one printable line
};

class SmtpReplyParser {
public:
    static constexpr std::size_t line_limit = 4096;
    static constexpr std::size_t max_lines = 256;

    // Takes from the front of `buffer` what belongs to the reply; nothing when more bytes are needed. After a
    // reply the parser is ready for the next; after an error it is of no more use.
    Result<std::optional<SmtpReply>> feed(std::string& buffer);

private:
    Result<bool> take_line(std::string_view line); // true: it was the last
    SmtpReply reply_;
    std::string line_;
};

// Does the reply to EHLO offer this extension (RFC 5321 4.1.1.1)? Keywords are case-insensitive.
[[nodiscard]] bool offers(const SmtpReply& ehlo, std::string_view keyword);

// The server's own name: first word of the banner or of the reply to EHLO, when it is a host name with at
// least one dot that can stand in an address; else nothing.
[[nodiscard]] std::optional<std::string> server_name(const SmtpReply& reply);

// Whether a refusal for now complains about how much or how fast we ask.
[[nodiscard]] bool complains_of_rate(const SmtpReply& reply);

} // namespace provenbl::verifier::wire
