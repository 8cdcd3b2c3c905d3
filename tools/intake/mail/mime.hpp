// A message taken apart as far as reports need it: fields (RFC 5322), parts and their two encodings (RFC 2045, RFC
// 2046). Pure.
//
// Of our own, because nothing more is needed and every bound has to be ours: the libraries of Debian 12 either bring
// GnuPG and GIO into the daemon (GMime) or are no longer kept up. A message is an adversary's: depth, parts, fields and
// their length have limits, and time grows with size times depth at most. What is inside a message/rfc822 is left as it
// is: whoever forwards a mail does not forward what was attached to that.
#pragma once

#include "store/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace provenbl::tools::intake::mail {

struct Limits {
    std::size_t fields = 1000; // of one header
    std::size_t field = std::size_t{16} * 1024;
    std::size_t parts = 100; // of a message, the multiparts too
    std::size_t depth = 8;   // of multiparts
};

// The fields of a message or a part in their order, unfolded; names in lower case.
class Header {
public:
    // The first of that name; empty: there is none.
    [[nodiscard]] std::string_view first(std::string_view name) const;
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

private:
    friend Result<Header> take_header(std::string_view& text, const Limits& limits);
    std::vector<std::pair<std::string, std::string>> fields_;
};

// Takes the header off the front of `text`, with the empty line that ends it. A line that is no field ends it too. An
// mbox's "From " line in front is passed over: pipes of mail servers write one. Error limit.
[[nodiscard]] Result<Header> take_header(std::string_view& text, const Limits& limits);

struct ContentType {
    std::string name; // "text/plain", in lower case
    std::vector<std::pair<std::string, std::string>> parameters;
    [[nodiscard]] std::string_view parameter(std::string_view name) const; // empty: there is none
};
// text/plain where nothing can be read (RFC 2045 5.2).
[[nodiscard]] ContentType parse_content_type(std::string_view value);

// A part that has no parts of its own.
struct Part {
    Header header;
    ContentType type;
    std::string content; // decoded
    bool attached = false;
};

struct Message {
    Header header;
    ContentType type;
    std::vector<Part> parts; // in order; none of a multipart without a delimiter
};

// Error limit: what bound was passed.
[[nodiscard]] Result<Message> take_apart(std::string_view text, const Limits& limits);

[[nodiscard]] std::string decode_base64(std::string_view text);           // RFC 2045 6.8; passes over what is not in it
[[nodiscard]] std::string decode_quoted_printable(std::string_view text); // RFC 2045 6.7

// Without spaces, tabs and line ends at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);
// Takes a line off the front of `text`; without its end, LF or CRLF.
[[nodiscard]] std::string_view take_line(std::string_view& text);

} // namespace provenbl::tools::intake::mail
