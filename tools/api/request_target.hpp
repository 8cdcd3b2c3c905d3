// The target of a request (RFC 9112 3.2.1, origin form) taken apart: decoded path segments and query.
#pragma once

#include "store/result.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::api {

struct RequestTarget {
    std::vector<std::string> segments; // of "/v1/hosts/192.0.2.1": v1, hosts, 192.0.2.1
    std::map<std::string, std::string> query;
};

[[nodiscard]] Result<RequestTarget> parse_target(std::string_view target);

// A segment of a path: everything but RFC 3986's unreserved characters and ':' is percent-encoded.
[[nodiscard]] std::string encode_segment(std::string_view text);

} // namespace provenbl::tools::api
