// Members of a request's JSON body, checked one by one; errors say which member and what was expected.
#pragma once

#include "store/result.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::api {

// The body as an object that has no members but `known`.
[[nodiscard]] Result<boost::json::object> parse_body(std::string_view body, const std::vector<std::string_view>& known);

// Printable UTF-8 (tools/api/plain_text.hpp) of at most `at_most` bytes; empty when absent (unless required).
[[nodiscard]] Result<std::string> text_member(const boost::json::object& body, std::string_view name,
                                              std::size_t at_most, bool required);
[[nodiscard]] Result<std::vector<std::uint16_t>> port_members(const boost::json::object& body, std::string_view name);

} // namespace provenbl::tools::api
