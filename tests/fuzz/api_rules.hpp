// What holds for every answer of the API, whatever was asked. Where it does not, says what and aborts, which is how a
// fuzz target fails.
#pragma once

#include "tools/api/message.hpp"

#include <string_view>

namespace provenbl::fuzz {

void require(bool holds, std::string_view what, std::string_view where = {});

// A known status that input alone can bring about (of 5xx none but 501 and 505, which are about HTTP itself); errors as
// problem details or, for who asks for HTML, as a page; JSON that can be read; pages that a strict reader reads, of our
// own elements only and with every header that guards them; and bytes of HTTP/1.1 in which nothing can begin a header
// of its own.
void check(const tools::api::Response& response, const tools::api::Request& request);
// Server-sent events (WHATWG HTML 9.2): a name and one line of JSON each.
void check_events(std::string_view events);

} // namespace provenbl::fuzz
