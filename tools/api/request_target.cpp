#include "tools/api/request_target.hpp"

#include <boost/url.hpp>

namespace provenbl::tools::api {
namespace urls = boost::urls;

Result<RequestTarget> parse_target(std::string_view target) {
    constexpr std::size_t longest = 2048;
    constexpr std::size_t most_parts = 16;
    if (target.size() > longest) return Error{Errc::limit, "the request's target is longer than 2048 characters"};
    const auto parsed = urls::parse_origin_form(boost::core::string_view{target.data(), target.size()});
    if (!parsed) return Error{Errc::invalid, "the request's target is not a path with an optional query"};
    RequestTarget result;
    for (const auto& segment : parsed->segments()) {
        if (result.segments.size() == most_parts) return Error{Errc::invalid, "the path has too many parts"};
        result.segments.emplace_back(segment);
    }
    // "/v1/status/" is "/v1/status".
    if (!result.segments.empty() && result.segments.back().empty()) result.segments.pop_back();
    for (const auto& parameter : parsed->params()) {
        if (result.query.size() == most_parts) return Error{Errc::invalid, "the query has too many parts"};
        result.query.insert_or_assign(std::string(parameter.key), std::string(parameter.value));
    }
    return result;
}

std::string encode_segment(std::string_view text) {
    constexpr auto plain = urls::unreserved_chars + ':';
    return urls::encode(boost::core::string_view{text.data(), text.size()}, plain);
}

} // namespace provenbl::tools::api
