// Every technique, likeliest first. A new one is a file of its own and one line here: the name of a function
// `std::span<const Technique> name()` in namespace techniques.
#include "verifier/technique.hpp"

#include <algorithm>
#include <vector>

#define PROVENBL_TECHNIQUES(TECHNIQUES)                                                                                \
    TECHNIQUES(smtp_relay)                                                                                             \
    TECHNIQUES(http_connect)                                                                                           \
    TECHNIQUES(socks5)                                                                                                 \
    TECHNIQUES(socks5_udp)                                                                                             \
    TECHNIQUES(socks4)                                                                                                 \
    TECHNIQUES(http_get)                                                                                               \
    TECHNIQUES(http_post_mail)                                                                                         \
    TECHNIQUES(telnet)                                                                                                 \
    TECHNIQUES(web_page)                                                                                               \
    TECHNIQUES(http2_connect)                                                                                          \
    TECHNIQUES(turn)

namespace provenbl::verifier {

namespace techniques {
#define PROVENBL_DECLARE(name) std::span<const Technique> name();
PROVENBL_TECHNIQUES(PROVENBL_DECLARE)
#undef PROVENBL_DECLARE
} // namespace techniques

std::span<const Technique* const> all_techniques() {
    static const auto all = [] {
        std::vector<const Technique*> pointers;
#define PROVENBL_APPEND(name)                                                                                          \
    for (const Technique& technique : techniques::name()) pointers.push_back(&technique);
        PROVENBL_TECHNIQUES(PROVENBL_APPEND)
#undef PROVENBL_APPEND
        return pointers;
    }();
    return all;
}

const Technique* find_technique(std::string_view name) {
    const auto all = all_techniques();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Technique* each) { return each->name == name; });
    return found == all.end() ? nullptr : *found;
}

} // namespace provenbl::verifier
