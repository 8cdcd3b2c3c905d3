#include "tools/api/same_site.hpp"

#include "store/ascii.hpp"

#include <string_view>

namespace provenbl::tools::api {
bool sent_by_another_site(const Request& request) {
    if (const auto site = request.header("sec-fetch-site"); !site.empty())
        return site != "same-origin" && site != "none";
    const auto origin = request.header("origin");
    if (origin.empty()) return false;
    // "null" is a page that hides where it comes from.
    const auto scheme = origin.find("://");
    if (scheme == std::string_view::npos) return true;
    return lower(origin.substr(scheme + 3)) != lower(request.header("host"));
}

} // namespace provenbl::tools::api
