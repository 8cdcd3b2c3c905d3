// A Response as the bytes of HTTP/1.1 (RFC 9112). Pure.
#pragma once

#include "tools/api/message.hpp"

#include <string>

namespace provenbl::tools::api {

struct Sending {
    bool keep_alive = true;
    bool without_body = false; // the answer to HEAD
    Time now{};
    Duration hsts{}; // over TLS: how long browsers shall use nothing else (RFC 6797); 0: not said
};
[[nodiscard]] std::string response_text(const Response& response, const Sending& sending);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7)
[[nodiscard]] std::string http_date(Time time);

} // namespace provenbl::tools::api
