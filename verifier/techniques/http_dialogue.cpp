// Interim responses (RFC 9110 15.2) carry no verdict.
#include "verifier/techniques/http_dialogue.hpp"

#include <fmt/format.h>

namespace provenbl::verifier::techniques {

std::string user_agent(const Identity& identity) {
    return fmt::format("provenbl (+{}; {})", identity.page, identity.contact);
}

bool failed_to_reach(int status) {
    return status / 100 == 5 && status != 501 && status != 505;
}

std::optional<ProbeResult> judge_slow_down(const wire::HttpHead& head) {
    if (head.status != 429) return std::nullopt;
    return ProbeResult{Verdict::unreachable, head.quote(), Hint::unwelcome};
}

Hint hint_of(const wire::HttpHead& head) {
    const bool proxy = head.status == 403 || head.status == 407 || failed_to_reach(head.status) ||
                       !head.find("via").empty() || !head.find("proxy-agent").empty();
    return proxy ? Hint::promising : Hint::speaks;
}

Awaitable<Result<wire::HttpHead>> read_http_head(Dialogue& dialogue) {
    static constexpr int interim_limit = 8;
    for (int i = 0; i < interim_limit; ++i) {
        std::size_t searched = 0;
        const auto parse = [&searched](std::string& buffer) { return wire::parse_http_head(buffer, searched); };
        Result<wire::HttpHead> head = co_await dialogue.read<wire::HttpHead>(parse);
        if (!head || head->status >= 200) co_return head;
    }
    co_return Error{Errc::limit, fmt::format("more than {} interim responses", interim_limit)};
}

} // namespace provenbl::verifier::techniques
