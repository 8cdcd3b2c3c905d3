// http/get, http/post, http/put and tls/http-get: a request with an absolute URI at our callback sink. Never asked for
// port 25: a request there would reach our mail sink as an abuse of SMTP (http_post_mail.cpp does that knowingly).
#include "verifier/techniques/http_dialogue.hpp"
#include "verifier/techniques/http_fetch.hpp"
#include "verifier/techniques/http_ports.hpp"
#include "verifier/techniques/repeat.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/http_request.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace provenbl::verifier::techniques {
namespace {

Awaitable<Attempt> try_method(ProbeContext& context, const Technique& technique, const Target& target,
                              std::string_view method) {
    const std::string agent = user_agent(context.identity());
    std::string request = method == "GET"
                              ? wire::http_get(target.to_string(), "TOKEN", agent)
                              : wire::http_send(method, target.to_string(), "TOKEN", agent, "provenbl test\r\n");
    return fetch_answer(context, technique, target, std::move(request),
                        curl_request(method, technique.tls ? "https" : "http", context.target(), target.to_string()));
}

Awaitable<Attempt> try_get(ProbeContext& context, const Technique& technique, const Target& target) {
    return try_method(context, technique, target, "GET");
}
Awaitable<Attempt> try_post(ProbeContext& context, const Technique& technique, const Target& target) {
    return try_method(context, technique, target, "POST");
}
Awaitable<Attempt> try_put(ProbeContext& context, const Technique& technique, const Target& target) {
    return try_method(context, technique, target, "PUT");
}

std::optional<Target> first_named(const ProbeSettings& settings) {
    const auto& named = settings.callback_named;
    for (const auto& sink : settings.callback_targets) {
        if (!settings.callback_name.empty() && not_mail(sink) &&
            std::find(named.begin(), named.end(), sink.address) != named.end())
            return Target{sink, settings.callback_name};
    }
    return std::nullopt;
}

// It took our request and has not said a word.
bool was_silent(const ProbeResult& result) {
    return result.verdict == Verdict::unreachable && result.detail.starts_with("waited ");
}

// A gateway that goes to names alone looks an address up as if it were one, which HAProxy does for twelve seconds if it
// is not told otherwise: longer than we wait. So whoever is silent is asked once more, by name.
template <TryTarget attempt>
Awaitable<void> run(ProbeContext& context, std::span<const Technique* const> techniques,
                    std::span<ProbeResult> results) {
    results[0] = co_await try_targets(context, *techniques[0], not_mail, attempt, AskBy::name_too);
    const std::optional<Target> named = first_named(context.settings());
    if (!named || !was_silent(results[0])) co_return;
    Attempt made = co_await attempt(context, *techniques[0], *named);
    // A refusal by name is no answer to the request by address, which may be slow today: nobody is delisted for that.
    const bool says_more = made.result.verdict == Verdict::open || made.result.verdict == Verdict::inconclusive;
    if (says_more)
        results[0] = std::move(made.result);
    else if (made.result.hint != Hint::none)
        results[0].hint = made.result.hint;
}

constexpr std::array techniques{
    Technique{"http/get", ListingClass::http, http_proxy_ports,
              "An HTTP proxy that fetches any page for anybody: strangers can hide behind the address of this host, "
              "and reach what only it can reach.",
              1, run<try_get>},
    Technique{"tls/http-get", ListingClass::http, https_proxy_ports,
              "An HTTP proxy, itself reached through TLS, that fetches any page for anybody: strangers can hide behind "
              "the address of this host, and reach what only it can reach.",
              1, run<try_get>, Stage::suspicion, true},
    Technique{"http/post", ListingClass::http, http_proxy_ports,
              "An HTTP proxy that passes on what anybody sends (POST) to any server: strangers can fill in forms and "
              "send spam with the address of this host.",
              1, run<try_post>, Stage::suspicion},
    Technique{"http/put", ListingClass::http, http_proxy_ports,
              "An HTTP proxy that passes on what anybody uploads (PUT) to any server: strangers can hide behind the "
              "address of this host.",
              1, run<try_put>, Stage::suspicion},
};

} // namespace

std::span<const Technique> http_get() {
    return techniques;
}

} // namespace provenbl::verifier::techniques
