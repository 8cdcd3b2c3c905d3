// The body of a form that a browser sent (application/x-www-form-urlencoded), field by field.
#pragma once

#include "store/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace provenbl::tools::api {

// Decoded; line ends are "\n", whatever the browser sent. Errors: invalid.
[[nodiscard]] Result<std::map<std::string, std::string>> parse_form(std::string_view body);

} // namespace provenbl::tools::api
