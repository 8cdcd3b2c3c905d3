// What names itself is quoted, printable and short.
#include "verifier/fingerprint/proxy_software.hpp"

#include "verifier/wire/printable.hpp"

#include <array>
#include <utility>

namespace provenbl::verifier::fingerprint {
namespace {

constexpr std::size_t longest = 64;

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> own_fields{{
    {"x-squid-error", "Squid"},
    {"x-cache-lookup", "Squid"},
    {"x-varnish", "Varnish"},
    {"x-privoxy", "Privoxy"},
    {"x-bluecoat-via", "Blue Coat ProxySG"},
}};

} // namespace

std::string by_head(const wire::HttpHead& head, bool passed_through) {
    if (const auto agent = head.find("proxy-agent"); !agent.empty()) return wire::printable(agent, longest);
    const auto via = head.find("via");
    const auto open = via.rfind('(');
    const auto close = via.rfind(')');
    if (open != std::string_view::npos && close != std::string_view::npos && open + 1 < close)
        return wire::printable(via.substr(open + 1, close - open - 1), longest);
    const auto server = head.find("server");
    if (!passed_through && !server.empty()) return wire::printable(server, longest);
    for (const auto& [field, name] : own_fields)
        if (!head.find(field).empty()) return std::string(name);
    return {};
}

} // namespace provenbl::verifier::fingerprint
