// Reads the response as far as it decides.
#include "verifier/techniques/http_fetch.hpp"

#include "verifier/fingerprint/proxy_software.hpp"
#include "verifier/techniques/http_dialogue.hpp"
#include "verifier/techniques/opening.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace provenbl::verifier::techniques {
namespace {

// Reads the body until the answer stands in it (true) or it is whole without (false).
Awaitable<Result<bool>> body_holds(Dialogue& dialogue, const wire::HttpHead& head, const std::string& answer) {
    std::size_t searched = 0;
    for (;;) {
        const std::string& body = dialogue.unread();
        if (body.find(answer, searched) != std::string::npos) co_return true;
        searched = body.size() - std::min(body.size(), answer.size());
        if (wire::body_complete(head, body)) co_return false;
        const Result<> read = co_await dialogue.more();
        if (read) continue;
        if (read.error().code == Errc::closed) co_return false;
        co_return read.error();
    }
}

// Our sink's own 503 has a short body; a proxy's page about it begins otherwise.
Awaitable<ProbeResult> judge_failure(Dialogue& dialogue, const wire::HttpHead& head) {
    static constexpr std::size_t enough = 64;
    for (;;) {
        const std::string& body = dialogue.unread();
        if (holds_busy_line(body)) co_return judge_busy_sink();
        if (body.size() >= enough || wire::body_complete(head, body)) break;
        const Result<> read = co_await dialogue.more();
        if (!read) break;
    }
    co_return judge_unreached_sink(head.quote());
}

ProbeResult judge_own_page(const wire::HttpHead& head, std::string_view body) {
    const auto location = head.find("location");
    if (head.status / 100 == 3)
        return {Verdict::refused, fmt::format("{}: redirects to {}", head.quote(), wire::printable(location, 80))};
    if (head.status / 100 != 2) return {Verdict::refused, head.quote()};
    return {Verdict::refused,
            fmt::format("{}: served a page of its own: \"{}\"", head.quote(), wire::printable(body, 60))};
}

Awaitable<Attempt> judge_response(ProbeContext& context, Dialogue& dialogue, const wire::HttpHead* head,
                                  const TokenId& token, const Target& target) {
    Result<bool> proven = false;
    if (head->status / 100 == 2) proven = co_await body_holds(dialogue, *head, context.answer_to(token));
    const bool passed_through = proven.has_value() && *proven;
    if (const auto software = fingerprint::by_head(*head, passed_through); !software.empty())
        context.software(software);
    if (failed_to_reach(head->status)) {
        ProbeResult failure = co_await judge_failure(dialogue, *head);
        co_return Attempt{std::move(failure), false};
    }
    const bool without_answer = !proven || !*proven;
    if (without_answer && holds_busy_line(dialogue.unread())) co_return Attempt{judge_busy_sink(), false};
    if (!proven && proven.error().code == Errc::timeout)
        co_return Attempt{{Verdict::inconclusive, head->quote() + ", then nothing more came"}, false};
    if (!proven) co_return Attempt{judge_conversation(proven.error(), "HTTP"), false};
    if (!*proven) co_return Attempt{judge_own_page(*head, dialogue.unread()), false};

    const Result<> confirmed = co_await context.confirm(token);
    if (!confirmed)
        co_return Attempt{
            {Verdict::inconclusive, "the answer came back, but it proves nothing: " + confirmed.error().message}, true};
    co_return Attempt{{Verdict::open, fmt::format("fetched our answer from port {} of our sink ({})", target.sink.port,
                                                  target.to_string())},
                      true};
}

void put_token(std::string& text, std::string_view token) {
    constexpr std::string_view placeholder = "TOKEN";
    for (auto at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder, at + token.size()))
        text.replace(at, placeholder.size(), token);
}

} // namespace

bool not_mail(const Endpoint& target) {
    return target.port != 25;
}

Awaitable<Attempt> fetch_answer(ProbeContext& context, const Technique& technique, const Target& target,
                                std::string request, std::string repeat) {
    Opening opening = co_await open_conversation(context, technique);
    if (!opening.connection) co_return std::move(opening.failure);
    Dialogue dialogue(std::move(opening.connection));
    const Result<TokenMint::Token> token = co_await context.issue(technique, SinkKind::callback, std::move(repeat));
    if (!token) co_return Attempt{judge_own_trouble(token.error()), true};
    put_token(request, token->text);
    const Result<> sent = co_await dialogue.send(request);
    if (!sent) co_return Attempt{judge_conversation(sent.error(), "HTTP"), true};
    const Result<wire::HttpHead> head = co_await read_http_head(dialogue);
    if (!head) co_return Attempt{judge_conversation(head.error(), "HTTP"), true};
    if (auto slow_down = judge_slow_down(*head)) co_return Attempt{std::move(*slow_down), true};
    Attempt made = co_await judge_response(context, dialogue, &*head, token->id, target);
    made.result.hint = hint_of(*head);
    if (head->status == 407) made.final = true; // wants to know who we are, whatever the target
    co_return made;
}

} // namespace provenbl::verifier::techniques
