#include "tools/api/request_body.hpp"

#include "tools/api/plain_text.hpp"
#include "tools/api/rfc3339.hpp"
#include "tools/config/values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::api {
namespace json = boost::json;

Result<json::object> parse_body(std::string_view body, const std::vector<std::string_view>& known) {
    json::error_code code;
    auto value = json::parse({body.data(), body.size()}, code);
    if (code) return Error{Errc::invalid, fmt::format("the body is not JSON ({}); expected an object", code.message())};
    if (!value.is_object()) return Error{Errc::invalid, "the body is not a JSON object"};
    for (const auto& member : value.get_object()) {
        const std::string_view name{member.key().data(), member.key().size()};
        if (std::find(known.begin(), known.end(), name) == known.end())
            return Error{Errc::invalid,
                         fmt::format("unknown member '{}'; known are {}", name.substr(0, 40), fmt::join(known, ", "))};
    }
    return std::move(value.get_object());
}

Result<std::string> text_member(const json::object& body, std::string_view name, std::size_t at_most, bool required) {
    const auto* const value = body.if_contains({name.data(), name.size()});
    if (value == nullptr || value->is_null()) {
        if (required) return Error{Errc::invalid, fmt::format("'{}' is missing; expected a text", name)};
        return std::string{};
    }
    if (!value->is_string()) return Error{Errc::invalid, fmt::format("'{}' is not a text", name)};
    std::string text{value->get_string().c_str(), value->get_string().size()};
    if (required && text.empty()) return Error{Errc::invalid, fmt::format("'{}' is empty; expected a text", name)};
    if (text.size() > at_most) return Error{Errc::invalid, fmt::format("'{}' is longer than {} bytes", name, at_most)};
    if (!is_plain(text) || text.find('\r') != std::string::npos)
        return Error{Errc::invalid, fmt::format("'{}' holds control characters", name)};
    return text;
}

Result<std::optional<std::uint32_t>> number_member(const json::object& body, std::string_view name,
                                                   std::uint32_t at_most) {
    const auto* const value = body.if_contains({name.data(), name.size()});
    if (value == nullptr || value->is_null()) return std::optional<std::uint32_t>{};
    json::error_code code;
    const auto number = value->is_number() ? value->to_number<std::int64_t>(code) : std::int64_t{-1};
    if (code || number < 0 || number > at_most)
        return Error{Errc::invalid, fmt::format("'{}' is no whole number from 0 to {}", name, at_most)};
    return std::optional{static_cast<std::uint32_t>(number)};
}

Result<std::optional<bool>> bool_member(const json::object& body, std::string_view name) {
    const auto* const value = body.if_contains({name.data(), name.size()});
    if (value == nullptr || value->is_null()) return std::optional<bool>{};
    if (!value->is_bool()) return Error{Errc::invalid, fmt::format("'{}' is neither true nor false", name)};
    return std::optional{value->get_bool()};
}

Result<Time> time_member(const json::object& body, std::string_view name, Time from) {
    const auto text = text_member(body, name, 100, false);
    if (!text) return text.error();
    if (text->empty()) return Time{};
    if (from != Time{}) {
        if (const auto span = parse_duration(*text)) return from + *span;
    }
    const auto time = parse_time(*text);
    if (!time) return Error{Errc::invalid, fmt::format("'{}': {}", name, time.error().message)};
    return *time;
}

Result<std::vector<std::uint16_t>> port_members(const json::object& body, std::string_view name) {
    constexpr std::size_t most = 16;
    std::vector<std::uint16_t> ports;
    const auto* const value = body.if_contains({name.data(), name.size()});
    if (value == nullptr || value->is_null()) return ports;
    if (!value->is_array() || value->get_array().size() > most)
        return Error{Errc::invalid, fmt::format("'{}' is not a list of at most {} ports", name, most)};
    for (const auto& item : value->get_array()) {
        json::error_code code;
        const auto port = item.is_number() ? item.to_number<std::int64_t>(code) : std::int64_t{0};
        if (code || port < 1 || port > 65535)
            return Error{Errc::invalid, fmt::format("'{}' holds something that is no port from 1 to 65535", name)};
        if (std::find(ports.begin(), ports.end(), port) == ports.end())
            ports.push_back(static_cast<std::uint16_t>(port));
    }
    return ports;
}

} // namespace provenbl::tools::api
