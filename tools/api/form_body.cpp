#include "tools/api/form_body.hpp"

#include <boost/url.hpp>

#include <algorithm>

namespace provenbl::tools::api {
namespace urls = boost::urls;

Result<std::map<std::string, std::string>> parse_form(std::string_view body) {
    constexpr std::size_t most_fields = 16;
    const boost::core::string_view text{body.data(), body.size()};
    if (const auto parsed = urls::parse_query(text); !parsed || parsed->size() > most_fields)
        return Error{Errc::invalid, "the body is not that of a form (application/x-www-form-urlencoded)"};
    std::map<std::string, std::string> fields;
    for (const auto& parameter : urls::params_view(text)) { // '+' is a blank here
        std::string value{parameter.value};
        for (auto at = value.find("\r\n"); at != std::string::npos; at = value.find("\r\n", at)) value.erase(at, 1);
        std::replace(value.begin(), value.end(), '\r', '\n');
        fields.insert_or_assign(std::string{parameter.key}, std::move(value));
    }
    return fields;
}

} // namespace provenbl::tools::api
