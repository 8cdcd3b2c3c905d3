// socks5/connect, socks5/name and tls/socks5 (RFC 1928), step by step: greeting, wait, request, wait. Pipelined, some
// servers fail. We offer no authentication; a server that wants some is closed, and is never given any.
#include "verifier/techniques/repeat.hpp"
#include "verifier/techniques/tunnel.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/socks.hpp"

#include <array>
#include <cstdint>

namespace provenbl::verifier::techniques {
namespace {

constexpr std::array<std::uint16_t, 7> ports{1080, 1081, 1085, 4145, 7890, 9050, 10808};
constexpr std::array<std::uint16_t, 2> tls_ports{9080, 443};

// Failures behind the proxy: general, network or host unreachable, connection refused, TTL expired. The other
// codes (the rules, the command, the address type) say no.
bool failed_to_reach(std::uint8_t code) {
    return code == 0x01 || (code >= 0x03 && code <= 0x06);
}

Awaitable<std::optional<Attempt>> ask(Dialogue& dialogue, std::string request) {
    const std::string greeting = wire::socks5_greeting();
    const Result<> greeted = co_await dialogue.send(greeting);
    if (!greeted) co_return Attempt{judge_conversation(greeted.error(), "SOCKS5"), true};
    const Result<wire::Socks5Method> method = co_await dialogue.read<wire::Socks5Method>(wire::parse_socks5_method);
    if (!method) co_return Attempt{judge_conversation(method.error(), "SOCKS5"), true};
    if (!method->none_needed())
        co_return Attempt{{Verdict::refused, "SOCKS5 method " + method->meaning(), Hint::hopeless}, true};

    const Result<> asked = co_await dialogue.send(request);
    if (!asked) co_return Attempt{judge_conversation(asked.error(), "SOCKS5"), true};
    const Result<wire::Socks5Reply> reply = co_await dialogue.read<wire::Socks5Reply>(wire::parse_socks5_reply);
    if (!reply) co_return Attempt{judge_conversation(reply.error(), "SOCKS5"), true};
    if (reply->granted()) co_return std::nullopt;
    Attempt refusal{{Verdict::refused, "SOCKS5 reply " + reply->meaning()}, false};
    if (failed_to_reach(reply->code)) refusal.result = judge_unreached_sink("SOCKS5 reply " + reply->meaning());
    refusal.result.hint = Hint::promising; // it lets strangers in, and judges the target or the command
    co_return refusal;
}

Awaitable<std::optional<Attempt>> ask_by_address(ProbeContext&, Dialogue& dialogue, const Endpoint& target) {
    return ask(dialogue, wire::socks5_connect(target));
}

Awaitable<std::optional<Attempt>> ask_by_name(ProbeContext&, Dialogue& dialogue, const Endpoint& target) {
    return ask(dialogue, wire::socks5_connect_by_name(target));
}

Awaitable<Attempt> try_socks5(ProbeContext& context, const Technique& technique, const Endpoint& target) {
    const auto proxy = context.target();
    return try_tunnel(
        context, technique, target, ask_by_address,
        technique.tls ? openssl_steps(proxy, {wire::socks5_greeting(), wire::socks5_connect(target), "NOOP TOKEN\r\n"})
                      : curl_through("--socks5 " + proxy.to_string(), target));
}

Awaitable<Attempt> try_socks5_name(ProbeContext& context, const Technique& technique, const Endpoint& target) {
    return try_tunnel(context, technique, target, ask_by_name,
                      curl_through("--socks5-hostname " + context.target().to_string(), target));
}

template <TryTarget attempt>
Awaitable<void> run(ProbeContext& context, std::span<const Technique* const> techniques,
                    std::span<ProbeResult> results) {
    results[0] = co_await try_targets(context, *techniques[0], any_target, attempt);
}

constexpr std::array techniques{
    Technique{"socks5/connect", ListingClass::socks, ports,
              "A SOCKS5 proxy that connects anybody to anywhere without a password: strangers can send mail and "
              "attack others with the address of this host.",
              1, run<try_socks5>},
    Technique{"tls/socks5", ListingClass::socks, tls_ports,
              "A SOCKS5 proxy inside TLS that connects anybody to anywhere without a password: strangers can send mail "
              "and attack others with the address of this host.",
              1, run<try_socks5>, Stage::always, true},
    Technique{"socks5/name", ListingClass::socks, ports,
              "A SOCKS5 proxy that connects anybody to any name without a password, whatever it says to addresses: "
              "strangers can send mail and attack others with the address of this host.",
              1, run<try_socks5_name>, Stage::suspicion},
};

} // namespace

std::span<const Technique> socks5() {
    return techniques;
}

} // namespace provenbl::verifier::techniques
