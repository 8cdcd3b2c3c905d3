// http/connect and tls/http-connect (RFC 9110 9.3.6): a 2xx is a grant and no more; the tunnel proves.
#include "verifier/fingerprint/proxy_software.hpp"
#include "verifier/techniques/http_dialogue.hpp"
#include "verifier/techniques/http_ports.hpp"
#include "verifier/techniques/repeat.hpp"
#include "verifier/techniques/tunnel.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/http_request.hpp"

#include <array>

namespace provenbl::verifier::techniques {
namespace {

// May another port of ours be treated otherwise? Rules about ports answer 403, failures to connect 5xx; whoever
// says 400, 404, 405, 407 or redirects means the method or us.
bool depends_on_target(int status) {
    return status == 403 || failed_to_reach(status);
}

Awaitable<std::optional<Attempt>> ask(ProbeContext& context, Dialogue& dialogue, const Target& target) {
    const std::string request = wire::http_connect(target.to_string(), user_agent(context.identity()));
    const Result<> sent = co_await dialogue.send(request);
    if (!sent) co_return Attempt{judge_conversation(sent.error(), "HTTP"), true};
    const Result<wire::HttpHead> head = co_await read_http_head(dialogue);
    if (!head) co_return Attempt{judge_conversation(head.error(), "HTTP"), true};
    if (const auto software = fingerprint::by_head(*head, false); !software.empty()) context.software(software);
    if (head->status / 100 == 2) co_return std::nullopt;
    if (auto slow_down = judge_slow_down(*head)) co_return Attempt{std::move(*slow_down), true};
    Attempt refusal{{Verdict::refused, head->quote()}, !depends_on_target(head->status)};
    if (failed_to_reach(head->status)) refusal.result = judge_unreached_sink(head->quote());
    refusal.result.hint = hint_of(*head);
    co_return refusal;
}

Awaitable<Attempt> try_connect(ProbeContext& context, const Technique& technique, const Target& target) {
    const std::string_view how =
        technique.tls ? "--proxytunnel --proxy-insecure -x https://" : "--proxytunnel -x http://";
    return try_tunnel(context, technique, target, ask,
                      curl_through(std::string(how) + context.target().to_string(), target.to_string()));
}

Awaitable<void> run(ProbeContext& context, std::span<const Technique* const> techniques,
                    std::span<ProbeResult> results) {
    results[0] = co_await try_targets(context, *techniques[0], any_target, try_connect, AskBy::name_too);
}

constexpr std::array techniques{
    Technique{"http/connect", ListingClass::http, http_proxy_ports,
              "An HTTP proxy that opens a connection for anybody to anywhere (CONNECT): strangers can send mail and "
              "attack others with the address of this host.",
              1, run},
    Technique{"tls/http-connect", ListingClass::http, https_proxy_ports,
              "An HTTP proxy, itself reached through TLS, that opens a connection for anybody to anywhere (CONNECT): "
              "strangers can send mail and attack others with the address of this host.",
              1, run, Stage::always, true},
};

} // namespace

std::span<const Technique> http_connect() {
    return techniques;
}

} // namespace provenbl::verifier::techniques
