// socks5/connect (RFC 1928), step by step: greeting, wait, request, wait. Pipelined, some servers fail.
// We offer no authentication; a server that wants some is closed, and is never given any.
#include "verifier/techniques/tunnel.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/socks.hpp"

#include <array>
#include <cstdint>

namespace provenbl::verifier::techniques {
namespace {

constexpr std::array<std::uint16_t, 7> ports{1080, 1081, 1085, 4145, 7890, 9050, 10808};

// Failures behind the proxy: general, network or host unreachable, connection refused, TTL expired. The other
// codes (the rules, the command, the address type) say no.
bool failed_to_reach(std::uint8_t code) {
    return code == 0x01 || (code >= 0x03 && code <= 0x06);
}

Awaitable<std::optional<Attempt>> ask(ProbeContext&, Dialogue& dialogue, const Endpoint& target) {
    const std::string greeting = wire::socks5_greeting();
    const Result<> greeted = co_await dialogue.send(greeting);
    if (!greeted) co_return Attempt{judge_conversation(greeted.error(), "SOCKS5"), true};
    const Result<wire::Socks5Method> method = co_await dialogue.read<wire::Socks5Method>(wire::parse_socks5_method);
    if (!method) co_return Attempt{judge_conversation(method.error(), "SOCKS5"), true};
    if (!method->none_needed()) co_return Attempt{{Verdict::refused, "SOCKS5 method " + method->meaning()}, true};

    const std::string request = wire::socks5_connect(target);
    const Result<> asked = co_await dialogue.send(request);
    if (!asked) co_return Attempt{judge_conversation(asked.error(), "SOCKS5"), true};
    const Result<wire::Socks5Reply> reply = co_await dialogue.read<wire::Socks5Reply>(wire::parse_socks5_reply);
    if (!reply) co_return Attempt{judge_conversation(reply.error(), "SOCKS5"), true};
    if (reply->granted()) co_return std::nullopt;
    if (failed_to_reach(reply->code))
        co_return Attempt{judge_unreached_sink("SOCKS5 reply " + reply->meaning()), false};
    co_return Attempt{{Verdict::refused, "SOCKS5 reply " + reply->meaning()}, false};
}

Awaitable<Attempt> try_socks5(ProbeContext& context, const Technique& technique, const Endpoint& target) {
    return try_tunnel(context, technique, target, ask,
                      curl_through("--socks5 " + context.target().to_string(), target));
}

Awaitable<void> run(ProbeContext& context, std::span<const Technique* const> techniques,
                    std::span<ProbeResult> results) {
    results[0] = co_await try_targets(context, *techniques[0], any_target, try_socks5);
}

constexpr std::array techniques{
    Technique{"socks5/connect", ListingClass::socks, ports,
              "A SOCKS5 proxy that connects anybody to anywhere without a password: strangers can send mail and "
              "attack others with the address of this host.",
              1, run},
};

} // namespace

std::span<const Technique> socks5() {
    return techniques;
}

} // namespace provenbl::verifier::techniques
