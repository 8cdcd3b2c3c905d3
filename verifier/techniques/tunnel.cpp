// Either side may be the one that a proxy waits for: we speak at once, and once more if nothing comes.
#include "verifier/techniques/tunnel.hpp"

#include "verifier/techniques/opening.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::verifier::techniques {
namespace {

// Reads on until the answer stands in unread(). A tunnel that stays silent is nudged once with an empty line. One that
// has said something else, and then nothing for as long, is waited for only where the token has reached our sink:
// whoever talks without having passed it on has talked himself.
Awaitable<Result<>> hear_answer(ProbeContext& context, Dialogue& dialogue, const TokenId& token) {
    const std::string answer = context.answer_to(token);
    const Duration nudge_after = context.settings().nudge_after;
    bool awaited = false;
    bool nudged = false;
    std::size_t searched = 0;
    for (;;) {
        const std::string& heard = dialogue.unread();
        if (heard.find(answer, searched) != std::string::npos) co_return Result<>{};
        searched = heard.size() - std::min(heard.size(), answer.size());
        const bool may_nudge = heard.empty() && !nudged;
        const bool may_give_up = !heard.empty() && !awaited;
        const Duration patience = may_nudge || may_give_up ? nudge_after : Duration::zero();
        const Result<> read = co_await dialogue.more(patience);
        if (read) continue;
        if (read.error().code != Errc::timeout) co_return read.error();
        if (may_give_up) {
            awaited = co_await context.arrived(token, Duration::zero());
            if (!awaited) co_return read.error();
            continue;
        }
        if (!may_nudge) co_return read.error();
        nudged = true;
        const Result<> sent = co_await dialogue.send("\r\n");
        if (!sent) co_return sent.error();
    }
}

// Granted, but the answer did not come: what does that mean?
ProbeResult judge_silence(const Error& error, const std::string& heard) {
    if (holds_busy_line(heard)) return judge_busy_sink();
    if (error.code == Errc::unreachable) return {Verdict::unreachable, "granted, then " + error.message};
    if (!heard.empty())
        return {Verdict::refused,
                fmt::format("granted, then answered something of its own: \"{}\"", wire::printable(heard, 100))};
    switch (error.code) {
    case Errc::closed:
        // A proxy that grants before it connects ends so when our sink is out of reach.
        return {Verdict::inconclusive, "granted, then ended the connection: nothing was relayed"};
    case Errc::timeout:
        return {Verdict::inconclusive, "granted, but nothing has come through"};
    default:
        return judge_conversation(error, "the protocol of a tunnel");
    }
}

} // namespace

Awaitable<Attempt> try_tunnel(ProbeContext& context, const Technique& technique, const Target& target, AskForTunnel ask,
                              std::string repeat) {
    Opening opening = co_await open_conversation(context, technique);
    if (!opening.connection) co_return std::move(opening.failure);
    Dialogue dialogue(std::move(opening.connection));
    std::optional<Attempt> refusal = co_await ask(context, dialogue, target);
    if (refusal) co_return std::move(*refusal);

    const Result<TokenMint::Token> token = co_await context.issue(technique, SinkKind::callback, std::move(repeat));
    if (!token) co_return Attempt{judge_own_trouble(token.error()), true};
    const std::string line = "NOOP " + token->text + "\r\n";
    Result<> heard = co_await dialogue.send(line);
    if (heard) heard = co_await hear_answer(context, dialogue, token->id);
    if (!heard) {
        // Half a tunnel, or a slow one, is neither proven open nor closed.
        const bool reached_sink = co_await context.arrived(token->id, Duration::zero());
        if (reached_sink)
            co_return Attempt{{Verdict::inconclusive, "the token reached our sink, but its answer did not come back"},
                              false};
        co_return Attempt{judge_silence(heard.error(), dialogue.unread()), false};
    }

    const Result<> confirmed = co_await context.confirm(token->id);
    if (!confirmed)
        co_return Attempt{
            {Verdict::inconclusive, "the answer came back, but it proves nothing: " + confirmed.error().message}, true};
    co_return Attempt{
        {Verdict::open, fmt::format("connected us to port {} of our sink ({}) and brought its answer back",
                                    target.sink.port, target.to_string())},
        true};
}

} // namespace provenbl::verifier::techniques
