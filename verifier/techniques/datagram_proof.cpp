// Whatever else comes through is heard, up to a bound, and counts for nothing.
#include "verifier/techniques/datagram_proof.hpp"

#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/printable.hpp"

#include <fmt/format.h>

#include <utility>

namespace provenbl::verifier::techniques {
namespace {

constexpr int heard_at_most = 16; // datagrams

struct Heard {
    bool answer = false;
    bool busy = false;
    std::string other; // the first that was something else
    Error end{Errc::timeout, "nothing was said"};
};

Awaitable<Heard> say_and_hear(DatagramPath& path, std::string line, std::string answer, Duration patience) {
    Heard heard;
    int datagrams = 0;
    for (int i = 0; i < datagram_tries; ++i) {
        const Result<> said = co_await path.say(line);
        if (!said) {
            heard.end = said.error();
            co_return heard;
        }
        while (datagrams < heard_at_most) {
            const Result<std::string> payload = co_await path.hear(patience);
            if (!payload && payload.error().code != Errc::protocol) {
                heard.end = payload.error();
                if (heard.end.code != Errc::timeout) co_return heard;
                break; // once more
            }
            ++datagrams;
            const std::string text = payload ? *payload : payload.error().message;
            heard.answer = payload && text.find(answer) != std::string::npos;
            if (heard.answer) co_return heard;
            if (payload && holds_busy_line(text))
                heard.busy = true;
            else if (heard.other.empty())
                heard.other = text;
        }
    }
    co_return heard;
}

ProbeResult judge_silence(const Heard& heard) {
    if (heard.busy) return judge_busy_sink();
    if (heard.end.code == Errc::unreachable) return {Verdict::unreachable, "granted, then " + heard.end.message};
    if (!heard.other.empty())
        return {Verdict::refused,
                fmt::format("granted, then answered something of its own: \"{}\"", wire::printable(heard.other, 100))};
    switch (heard.end.code) {
    case Errc::closed:
        return {Verdict::inconclusive, "granted, then: " + heard.end.message};
    case Errc::timeout:
        return {Verdict::inconclusive, "granted, but nothing has come through"};
    default:
        return judge_conversation(heard.end, "the protocol of a relay");
    }
}

} // namespace

Awaitable<Attempt> prove_by_datagram(ProbeContext& context, const Technique& technique, const Endpoint& target,
                                     DatagramPath& path, std::string repeat) {
    const Result<TokenMint::Token> token = co_await context.issue(technique, SinkKind::datagram, std::move(repeat));
    if (!token) co_return Attempt{judge_own_trouble(token.error()), true};
    std::string line = "NOOP " + token->text + "\r\n";
    std::string answer = context.answer_to(token->id);
    const Heard heard = co_await say_and_hear(path, std::move(line), std::move(answer), context.settings().nudge_after);
    if (!heard.answer) {
        // Half a relay, or a slow one, is neither proven open nor closed.
        const bool reached_sink = co_await context.arrived(token->id, Duration::zero());
        if (reached_sink)
            co_return Attempt{{Verdict::inconclusive, "the token reached our sink, but its answer did not come back"},
                              false};
        co_return Attempt{judge_silence(heard), false};
    }
    const Result<> confirmed = co_await context.confirm(token->id);
    if (!confirmed)
        co_return Attempt{
            {Verdict::inconclusive, "the answer came back, but it proves nothing: " + confirmed.error().message}, true};
    co_return Attempt{
        {Verdict::open, fmt::format("relayed our datagram to port {} of our sink ({}) and brought its answer back",
                                    target.port, target.to_string())},
        true};
}

} // namespace provenbl::verifier::techniques
