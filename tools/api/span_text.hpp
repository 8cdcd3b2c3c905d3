// Lengths of time as people say them.
#pragma once

#include "store/clock.hpp"

#include <string>

namespace provenbl::tools::api {

// "10 seconds", "a day", "14 days": the largest unit that divides the span.
[[nodiscard]] std::string in_words(Duration span);

} // namespace provenbl::tools::api
