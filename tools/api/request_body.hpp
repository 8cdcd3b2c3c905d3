// Members of a request's JSON body, checked one by one; errors say which member and what was expected.
#pragma once

#include "store/clock.hpp"
#include "store/result.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::api {

// The body as an object that has no members but `known`.
[[nodiscard]] Result<boost::json::object> parse_body(std::string_view body, const std::vector<std::string_view>& known);

// Printable UTF-8 (tools/api/plain_text.hpp) of at most `at_most` bytes; empty when absent (unless required).
[[nodiscard]] Result<std::string> text_member(const boost::json::object& body, std::string_view name,
                                              std::size_t at_most, bool required);
// Nothing when absent.
[[nodiscard]] Result<std::optional<std::uint32_t>> number_member(const boost::json::object& body, std::string_view name,
                                                                 std::uint32_t at_most);
[[nodiscard]] Result<std::optional<bool>> bool_member(const boost::json::object& body, std::string_view name);
// An RFC 3339 time, or (where `from` is given) a duration such as 7d counted from it. Time{} when absent.
[[nodiscard]] Result<Time> time_member(const boost::json::object& body, std::string_view name, Time from = {});
[[nodiscard]] Result<std::vector<std::uint16_t>> port_members(const boost::json::object& body, std::string_view name);

} // namespace provenbl::tools::api
