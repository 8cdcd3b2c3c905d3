// Which replies are a no, and which say that the proxy tried.
#include "verifier/techniques/socks5_dialogue.hpp"

#include "verifier/techniques/verdicts.hpp"

#include <cstdint>
#include <utility>

namespace provenbl::verifier::techniques {
namespace {

// Failures behind the proxy: general, network or host unreachable, connection refused, TTL expired. The other
// codes (the rules, the command, the address type) say no.
bool failed_to_reach(std::uint8_t code) {
    return code == 0x01 || (code >= 0x03 && code <= 0x06);
}

Socks5Asked ended(const Error& error) {
    return {std::nullopt, Attempt{judge_conversation(error, "SOCKS5"), true}};
}

} // namespace

Awaitable<Socks5Asked> ask_socks5(Dialogue& dialogue, std::string request) {
    const std::string greeting = wire::socks5_greeting();
    const Result<> greeted = co_await dialogue.send(greeting);
    if (!greeted) co_return ended(greeted.error());
    const Result<wire::Socks5Method> method = co_await dialogue.read<wire::Socks5Method>(wire::parse_socks5_method);
    if (!method) co_return ended(method.error());
    Socks5Asked asked;
    if (!method->none_needed()) {
        asked.refusal = {{Verdict::refused, "SOCKS5 method " + method->meaning(), Hint::hopeless}, true};
        co_return asked;
    }
    const Result<> sent = co_await dialogue.send(request);
    if (!sent) co_return ended(sent.error());
    const Result<wire::Socks5Reply> reply = co_await dialogue.read<wire::Socks5Reply>(wire::parse_socks5_reply);
    if (!reply) co_return ended(reply.error());
    asked.reply = *reply;
    if (reply->granted()) co_return asked;
    asked.refusal = {{Verdict::refused, "SOCKS5 reply " + reply->meaning()}, false};
    if (failed_to_reach(reply->code)) asked.refusal.result = judge_unreached_sink("SOCKS5 reply " + reply->meaning());
    asked.refusal.result.hint = Hint::promising; // it lets strangers in, and judges the target or the command
    co_return asked;
}

} // namespace provenbl::verifier::techniques
