// socks5/connect, socks5/name and tls/socks5 (RFC 1928).
#include "verifier/techniques/repeat.hpp"
#include "verifier/techniques/socks5_dialogue.hpp"
#include "verifier/techniques/socks_ports.hpp"
#include "verifier/techniques/tunnel.hpp"
#include "verifier/wire/socks.hpp"

#include <array>
#include <cstdint>
#include <utility>

namespace provenbl::verifier::techniques {
namespace {

constexpr std::array<std::uint16_t, 2> tls_ports{9080, 443};

Awaitable<std::optional<Attempt>> ask(Dialogue& dialogue, std::string request) {
    Socks5Asked asked = co_await ask_socks5(dialogue, std::move(request));
    if (asked.granted()) co_return std::nullopt;
    co_return std::move(asked.refusal);
}

Awaitable<std::optional<Attempt>> ask_by_address(ProbeContext&, Dialogue& dialogue, const Target& target) {
    return ask(dialogue, wire::socks5_connect(target.sink));
}

Awaitable<std::optional<Attempt>> ask_by_name(ProbeContext&, Dialogue& dialogue, const Target& target) {
    return ask(dialogue, wire::socks5_connect_by_name(target.host(), target.sink.port));
}

Awaitable<Attempt> try_socks5(ProbeContext& context, const Technique& technique, const Target& target) {
    const auto proxy = context.target();
    return try_tunnel(context, technique, target, ask_by_address,
                      technique.tls ? openssl_steps(proxy, {wire::socks5_greeting(), wire::socks5_connect(target.sink),
                                                            "NOOP TOKEN\r\n"})
                                    : curl_through("--socks5 " + proxy.to_string(), target.to_string()));
}

Awaitable<Attempt> try_socks5_name(ProbeContext& context, const Technique& technique, const Target& target) {
    return try_tunnel(context, technique, target, ask_by_name,
                      curl_through("--socks5-hostname " + context.target().to_string(), target.to_string()));
}

template <TryTarget attempt, AskBy by = AskBy::address>
Awaitable<void> run(ProbeContext& context, std::span<const Technique* const> techniques,
                    std::span<ProbeResult> results) {
    results[0] = co_await try_targets(context, *techniques[0], any_target, attempt, by);
}

constexpr std::array techniques{
    Technique{"socks5/connect", ListingClass::socks, socks5_ports,
              "A SOCKS5 proxy that connects anybody to anywhere without a password: strangers can send mail and "
              "attack others with the address of this host.",
              1, run<try_socks5>},
    Technique{"tls/socks5", ListingClass::socks, tls_ports,
              "A SOCKS5 proxy inside TLS that connects anybody to anywhere without a password: strangers can send mail "
              "and attack others with the address of this host.",
              1, run<try_socks5>, Stage::always, true},
    Technique{"socks5/name", ListingClass::socks, socks5_ports,
              "A SOCKS5 proxy that connects anybody to any name without a password, whatever it says to addresses: "
              "strangers can send mail and attack others with the address of this host.",
              1, run<try_socks5_name, AskBy::name_too>, Stage::suspicion},
};

} // namespace

std::span<const Technique> socks5() {
    return techniques;
}

} // namespace provenbl::verifier::techniques
