// What the routes of requests for exclusion (exclusion_request_routes.cpp) and their pages (exclusion_pages.cpp) share.
#pragma once

#include "store/exclusion_request.hpp"
#include "tools/api/context.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace provenbl::tools::api::routes {

// What the requester is told, and with what he finds it again: "17-abcdefghijklmnop".
[[nodiscard]] std::string number_of(const ExclusionRequest& request);
// By that number, whole.
[[nodiscard]] std::optional<ExclusionRequest> find_request(const Context& context, std::string_view number);

} // namespace provenbl::tools::api::routes
