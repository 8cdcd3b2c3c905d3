#include "tools/api/same_site.hpp"

#include <algorithm>
#include <string_view>

namespace provenbl::tools::api {
namespace {

bool equal_names(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

} // namespace

bool sent_by_another_site(const Request& request) {
    if (const auto site = request.header("sec-fetch-site"); !site.empty())
        return site != "same-origin" && site != "none";
    const auto origin = request.header("origin");
    if (origin.empty()) return false;
    // "null" is a page that hides where it comes from.
    const auto scheme = origin.find("://");
    if (scheme == std::string_view::npos) return true;
    return !equal_names(origin.substr(scheme + 3), request.header("host"));
}

} // namespace provenbl::tools::api
