// socks4/connect and socks4a/connect: one request, one reply, then the tunnel. IPv4 only; 4a gives the
// address as a name, which some servers treat with other rules, and then our sink's own name.
#include "verifier/techniques/repeat.hpp"
#include "verifier/techniques/tunnel.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/socks.hpp"

#include <fmt/format.h>

#include <array>

namespace provenbl::verifier::techniques {
namespace {

constexpr std::array<std::uint16_t, 4> ports{1080, 1081, 4145, 9050};

bool is_v4(const Endpoint& target) {
    return target.address.is_v4();
}

Awaitable<std::optional<Attempt>> ask(Dialogue& dialogue, std::string request) {
    const Result<> sent = co_await dialogue.send(request);
    if (!sent) co_return Attempt{judge_conversation(sent.error(), "SOCKS4"), true};
    const Result<wire::Socks4Reply> reply = co_await dialogue.read<wire::Socks4Reply>(wire::parse_socks4_reply);
    if (!reply) co_return Attempt{judge_conversation(reply.error(), "SOCKS4"), true};
    if (reply->granted()) co_return std::nullopt;
    // 0x5b is also how closed servers say no: the protocol has no other word for "could not connect".
    co_return Attempt{{Verdict::refused, "SOCKS4 " + reply->meaning(), Hint::promising}, false};
}

Awaitable<std::optional<Attempt>> ask_by_address(ProbeContext&, Dialogue& dialogue, const Target& target) {
    return ask(dialogue, wire::socks4_connect(target.sink));
}

Awaitable<std::optional<Attempt>> ask_by_name(ProbeContext&, Dialogue& dialogue, const Target& target) {
    return ask(dialogue, wire::socks4a_connect(target.host(), target.sink.port));
}

Awaitable<Attempt> try_socks4(ProbeContext& context, const Technique& technique, const Target& target) {
    return try_tunnel(context, technique, target, ask_by_address,
                      curl_through("--socks4 " + context.target().to_string(), target.to_string()));
}

Awaitable<Attempt> try_socks4a(ProbeContext& context, const Technique& technique, const Target& target) {
    return try_tunnel(context, technique, target, ask_by_name,
                      curl_through("--socks4a " + context.target().to_string(), target.to_string()));
}

Awaitable<void> run_socks4(ProbeContext& context, std::span<const Technique* const> techniques,
                           std::span<ProbeResult> results) {
    results[0] = co_await try_targets(context, *techniques[0], is_v4, try_socks4);
}

Awaitable<void> run_socks4a(ProbeContext& context, std::span<const Technique* const> techniques,
                            std::span<ProbeResult> results) {
    results[0] = co_await try_targets(context, *techniques[0], is_v4, try_socks4a, AskBy::name_too);
}

constexpr std::array techniques{
    Technique{"socks4/connect", ListingClass::socks, ports,
              "A SOCKS4 proxy that connects anybody to anywhere: strangers can send mail and attack others with "
              "the address of this host.",
              1, run_socks4},
    Technique{"socks4a/connect", ListingClass::socks, ports,
              "A SOCKS4a proxy that connects anybody to any name: strangers can send mail and attack others with "
              "the address of this host.",
              1, run_socks4a},
};

} // namespace

std::span<const Technique> socks4() {
    return techniques;
}

} // namespace provenbl::verifier::techniques
