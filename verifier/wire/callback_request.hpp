// What a client of the callback sink has said so far: HTTP, a line, or not enough yet.
//
// Pure, and fed with everything read so far, from the first byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace provenbl::verifier::wire {

enum class CallbackForm {
    incomplete, // read on
    line,       // one or more whole lines of no HTTP
    http,       // a whole request head (RFC 9112 section 2)
};

[[nodiscard]] CallbackForm callback_form(std::string_view said);

// The sink's HTTP answers; the body is one line of plain text.
[[nodiscard]] std::string http_answer(std::string_view status, std::string_view body, bool head_only);
// Is this a request whose answer has no body?
[[nodiscard]] bool is_head_request(std::string_view said);

// Where the token stands in a datagram: "[NOOP ]TOKEN[line end]" and nothing else, so that whatever is no token costs
// no search. Empty when it stands nowhere. `size` is a token's.
[[nodiscard]] std::string_view datagram_token(std::string_view datagram, std::size_t size);

} // namespace provenbl::verifier::wire
