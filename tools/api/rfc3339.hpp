// Times as the API takes them (RFC 3339), and gives them (store/clock.hpp).
#pragma once

#include "store/clock.hpp"
#include "store/result.hpp"

#include <string_view>

namespace provenbl::tools::api {

// "2026-12-31T00:00:00Z", with fraction and numeric offset as the RFC allows, or a date alone (midnight UTC).
[[nodiscard]] Result<Time> parse_time(std::string_view text);

} // namespace provenbl::tools::api
