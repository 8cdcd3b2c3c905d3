// Text of others (suspects, reporters, remote servers) as text that does nothing where it is shown.
//
// What comes out is valid UTF-8 (RFC 8259 8.1 wants it of JSON) without what a terminal obeys or a reader is fooled
// by: C0 controls but tab and line breaks, DEL, C1 controls, and the bidirectional embeddings, overrides and isolates
// (UAX #9 2.1, 2.2, 2.4). Those are shown: a byte as \x1b, a character as \u{202e}. Pure.
#pragma once

#include <string>
#include <string_view>

namespace provenbl::tools::api {

[[nodiscard]] std::string as_utf8(std::string_view bytes);

// Nothing in it has to be shown otherwise.
[[nodiscard]] bool is_plain(std::string_view bytes);

} // namespace provenbl::tools::api
