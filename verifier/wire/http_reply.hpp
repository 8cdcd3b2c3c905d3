// The head of an HTTP/1.x response (RFC 9112 sections 4 and 5), and where its body ends (section 6).
//
// Pure and bounded: a head of at most 16 KiB; more is Errc::limit. What does not begin with "HTTP/" is
// Errc::protocol at the first wrong byte. Bare LF ends a line; a header line without a colon is skipped.
#pragma once

#include "store/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace provenbl::verifier::wire {

struct HttpHead {
    int status = 0; // 100 to 999
    std::string status_line;
    std::vector<std::pair<std::string, std::string>> fields; // names in lower case

    // The first field of that (lower-case) name; empty when there is none.
    [[nodiscard]] std::string_view find(std::string_view name) const;
    [[nodiscard]] std::string quote() const; // the status line, printable
};

inline constexpr std::size_t http_head_limit = 16'384;

// Takes the head from the front of `buffer`, which keeps the beginning of the body; nothing when more bytes are
// needed. `searched` (0 at first) remembers how far the end has been looked for.
Result<std::optional<HttpHead>> parse_http_head(std::string& buffer, std::size_t& searched);

// Whether `body`, all that came behind the head, is the whole body. A body without length ends with the
// connection only, and so does a chunked one with trailers.
[[nodiscard]] bool body_complete(const HttpHead& head, std::string_view body);

} // namespace provenbl::verifier::wire
