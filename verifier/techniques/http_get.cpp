// http/get: a request with an absolute URI at our callback sink. Only the sink's answer in the body is
// proof; a page, a redirect or a refusal of the host's own is a no, and 5xx leaves open what the proxy does for others.
//
// Never asked for port 25: a request there would reach our mail sink as an abuse of SMTP.
#include "verifier/techniques/http_dialogue.hpp"
#include "verifier/techniques/http_ports.hpp"
#include "verifier/techniques/targets.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/http_request.hpp"
#include "verifier/wire/printable.hpp"
#include "verifier/wire/software.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace provenbl::verifier::techniques {
namespace {

bool not_mail(const Endpoint& target) {
    return target.port != 25;
}

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

Awaitable<Attempt> read_response(ProbeContext& context, Dialogue& dialogue, const TokenId& token,
                                 const Endpoint& target) {
    const Result<wire::HttpHead> head = co_await read_http_head(dialogue);
    if (!head) co_return Attempt{judge_conversation(head.error(), "HTTP"), true};
    Result<bool> proven = false;
    if (head->status / 100 == 2) proven = co_await body_holds(dialogue, *head, context.answer_to(token));
    const bool passed_through = proven.has_value() && *proven;
    if (const auto software = wire::http_software(*head, passed_through); !software.empty()) context.software(software);
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
    co_return Attempt{{Verdict::open, fmt::format("fetched our answer from port {} of our sink ({})", target.port,
                                                  target.to_string())},
                      true};
}

Awaitable<Attempt> try_get(ProbeContext& context, const Technique& technique, const Endpoint& target) {
    Result<std::unique_ptr<Connection>> connection = co_await context.connect();
    if (!connection) co_return Attempt{judge_connect(connection.error()), true};
    Dialogue dialogue(std::move(*connection));
    std::string repeat =
        fmt::format("curl -sm 20 -x http://{} http://{}/TOKEN", context.target().to_string(), target.to_string());
    const Result<TokenMint::Token> token = co_await context.issue(technique, SinkKind::callback, std::move(repeat));
    if (!token) co_return Attempt{judge_own_trouble(token.error()), true};
    const std::string request = wire::http_get(target, token->text, user_agent(context.identity()));
    const Result<> sent = co_await dialogue.send(request);
    if (!sent) co_return Attempt{judge_conversation(sent.error(), "HTTP"), true};
    co_return co_await read_response(context, dialogue, token->id, target);
}

Awaitable<void> run(ProbeContext& context, std::span<const Technique* const> techniques,
                    std::span<ProbeResult> results) {
    results[0] = co_await try_targets(context, *techniques[0], not_mail, try_get);
}

constexpr std::array techniques{
    Technique{"http/get", ListingClass::http, http_proxy_ports,
              "An HTTP proxy that fetches any page for anybody: strangers can hide behind the address of this host, "
              "and reach what only it can reach.",
              1, run},
};

} // namespace

std::span<const Technique> http_get() {
    return techniques;
}

} // namespace provenbl::verifier::techniques
