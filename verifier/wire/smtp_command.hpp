// What an SMTP client says to our sink, as bytes (RFC 5321 sections 4.1.1, 4.1.2, 4.5.2).
//
// Pure: text in, values out; no sockets, no store. Every input is hostile: whatever is not understood is
// `unknown` or an Error, and both readers keep no more than the limit that they were given.
// Only CRLF "." CRLF ends a message: a bare LF never does, so one message can't be read as two.
#pragma once

#include "store/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace provenbl::verifier::wire {

enum class SmtpVerb { helo, ehlo, mail, rcpt, data, rset, noop, quit, vrfy, expn, help, unknown };

struct SmtpCommand {
    SmtpVerb verb = SmtpVerb::unknown;
    std::string_view argument; // into the line, without the blanks around it
};

// `line` is without its line end. Verbs are read in any case.
[[nodiscard]] SmtpCommand parse_smtp_command(std::string_view line);

// The path of MAIL or RCPT with its parameters. A quoted local part keeps its quotes: our sink takes none.
struct SmtpPath {
    bool null = false;   // "<>"
    bool routed = false; // a source route stood before it ("@a,@b:")
    std::string local_part;
    std::string domain;                                          // empty for "<postmaster>"
    std::vector<std::pair<std::string, std::string>> parameters; // the name in upper case, the value as it came

    [[nodiscard]] std::string to_string() const; // "local@domain", "" for the null path
};

// `argument` is what follows the verb; `keyword` is "FROM" or "TO". Error invalid says what is wrong.
[[nodiscard]] Result<SmtpPath> parse_smtp_path(std::string_view argument, std::string_view keyword);

// ASCII letters folded; everything else must be equal.
[[nodiscard]] bool equal_folded(std::string_view a, std::string_view b);

// Splits a stream into command lines. A line ends with LF, a CR before it is dropped.
class SmtpLineReader {
public:
    explicit SmtpLineReader(std::size_t limit) : limit_(limit) {}

    // Takes bytes from the front of `input` until a line is complete: the line, or nothing yet. Of a line
    // longer than the limit the rest is dropped, and overlong() says so for the line just returned.
    std::optional<std::string> take(std::string_view& input);
    [[nodiscard]] bool overlong() const { return overlong_; }

private:
    std::size_t limit_;
    std::string line_;
    bool complete_ = true;
    bool overlong_ = false;
};

// Reads a message after DATA: undoes the dot-stuffing, finds the end.
class SmtpDataReader {
public:
    explicit SmtpDataReader(std::size_t limit) : limit_(limit) {}

    // Takes bytes from the front of `input`; true when the end of the message was among them.
    bool take(std::string_view& input);
    [[nodiscard]] const std::string& message() const { return message_; }
    [[nodiscard]] bool overlong() const { return size_ > limit_; }
    [[nodiscard]] std::size_t size() const { return size_; } // with what was dropped

private:
    void keep(char c);
    enum class State { line_start, dot, dot_cr, text, text_cr };
    State state_ = State::line_start;
    std::size_t limit_;
    std::size_t size_ = 0;
    std::string message_;
};

} // namespace provenbl::verifier::wire
