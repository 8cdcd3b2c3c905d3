// Every route as data: method, path, who may ask, which limit it counts against, and what answers. The OpenAPI document
// (docs/openapi.json) describes each, which a test compares.
#pragma once

#include "tools/api/router.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace provenbl::tools::api {

enum class Who : std::uint8_t {
    any_site, // everybody, and pages of other sites through their readers' browsers (CORS)
    everybody,
    the_operator, // over the Unix socket
};

// What a route's function works with.
struct Call {
    const Context& context;
    const Request& request;
    const RequestTarget& target;
    RouterState& state;
    std::optional<Address> address; // of an {address} in the path
};

struct Route {
    std::string_view method;
    std::string_view path; // "/v1/hosts/{address}/scans/{scan}"; {prefix} may be several segments
    Who who;
    Limited counts_as;
    Answer (*answer)(const Call&);
};

// Words stand before what is a parameter at the same place: the first that fits is meant.
[[nodiscard]] std::span<const Route> all_routes();

// Where {address} stands in the path, from 0.
[[nodiscard]] std::optional<std::size_t> address_place(std::string_view path);
[[nodiscard]] bool fits(const Route& route, const RequestTarget& target);

} // namespace provenbl::tools::api
