#include "tools/api/request_body.hpp"

#include "tools/api/plain_text.hpp"

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
