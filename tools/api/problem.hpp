// Errors as RFC 9457 problem details: `detail` says what to do, `code` is stable for programs.
#pragma once

#include "store/result.hpp"
#include "tools/api/message.hpp"

#include <string_view>

namespace provenbl::tools::api {

[[nodiscard]] Response problem(unsigned status, std::string_view code, std::string_view detail);
// The status that fits the error: 400 invalid, 403 not-allowed, 404, 409 conflict, 503 busy or disk full ...
[[nodiscard]] Response problem(const Error& error);
[[nodiscard]] std::string_view reason_phrase(unsigned status);

} // namespace provenbl::tools::api
