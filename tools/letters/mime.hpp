// The few things of MIME that a letter is built with (RFC 2045, RFC 2047, RFC 5322). Pure.
//
// What comes out is 7-bit, has CRLF at the end of each line and no line longer than 78 characters where the RFCs let us
// choose, so that any mail system passes it on as it is.
#pragma once

#include "store/clock.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::letters::mime {

// "Name: value" with its line end, folded. A value that is not ASCII becomes encoded words (RFC 2047); control
// characters become blanks, so that no value ends its line.
[[nodiscard]] std::string header(std::string_view name, std::string_view utf8);
// A header of tokens that must stay as they are (addresses, ids); control characters are dropped.
[[nodiscard]] std::string raw_header(std::string_view name, std::string_view ascii);

[[nodiscard]] std::string base64(std::string_view bytes);          // one line
[[nodiscard]] std::string base64_lines(std::string_view bytes);    // RFC 2045 6.8: 76 characters a line
[[nodiscard]] std::string quoted_printable(std::string_view utf8); // RFC 2045 6.7; '\n' in it is a line end

// A text as a MIME entity: its header fields, an empty line, the body in the encoding that suits it.
[[nodiscard]] std::string text_part(std::string_view utf8);
// Any bytes as an attachment.
[[nodiscard]] std::string attachment(std::string_view type, std::string_view file_name, std::string_view bytes);
// Entities one behind the other. `boundary` contains "=_", which no encoding of ours gives.
[[nodiscard]] std::string multipart(std::string_view type_and_parameters, std::string_view boundary,
                                    const std::vector<std::string>& parts);

} // namespace provenbl::tools::letters::mime
