// http/post-mail: a POST to port 25 of our mail sink whose body is an SMTP session, as spammers send mail through web
// proxies. The mail's arrival is the proof; what the proxy says of it decides nothing, for a mail server's replies are
// no HTTP.
#include "verifier/techniques/http_dialogue.hpp"
#include "verifier/techniques/http_ports.hpp"
#include "verifier/techniques/opening.hpp"
#include "verifier/techniques/repeat.hpp"
#include "verifier/techniques/smtp_relay_message.hpp"
#include "verifier/techniques/verdicts.hpp"
#include "verifier/wire/http_request.hpp"

#include <fmt/format.h>

#include <array>

namespace provenbl::verifier::techniques {
namespace {

constexpr std::uint16_t mail_port = 25;

std::string smtp_session(const ProbeContext& context, std::string_view technique, std::string_view token) {
    const auto& us = context.identity();
    return fmt::format("EHLO {0}\r\nMAIL FROM:<probe@{1}>\r\nRCPT TO:<{2}@{1}>\r\nDATA\r\n{3}QUIT\r\n", us.helo,
                       us.probe_domain, token, relay_message(us, context.target(), technique, token, context.now()));
}

// A proxy whose client is gone ends its other side, too, and what it had passed on may be lost: so whoever lets our
// mail server talk is heard until it has said goodbye, within bounds.
Awaitable<void> hear_out(Dialogue& dialogue, Duration patience) {
    static constexpr int reads_at_most = 16;
    for (int i = 0; i < reads_at_most; ++i) {
        const Result<> read = co_await dialogue.more(patience);
        if (!read) co_return;
    }
}

// Until the response's head, or whatever comes instead.
Awaitable<ProbeResult> hear(Dialogue& dialogue, Duration patience) {
    const Result<wire::HttpHead> head = co_await read_http_head(dialogue);
    if (!head && head.error().code == Errc::protocol) {
        co_await hear_out(dialogue, patience);
        co_return ProbeResult{Verdict::inconclusive, "the answer is no HTTP, as of a mail server"};
    }
    if (!head) co_return judge_conversation(head.error(), "HTTP");
    if (head->status / 100 == 2 || failed_to_reach(head->status))
        co_return ProbeResult{Verdict::inconclusive, fmt::format("{} ({})", nothing_arrived, head->quote())};
    if (auto slow_down = judge_slow_down(*head)) co_return std::move(*slow_down);
    co_return ProbeResult{Verdict::refused, head->quote()};
}

Awaitable<ProbeResult> try_post(ProbeContext& context, const Technique& technique, const Endpoint& sink) {
    std::optional<TokenId> sent_token;
    ProbeResult result;
    {
        Opening opening = co_await open_conversation(context, technique);
        if (!opening.connection) co_return std::move(opening.failure.result);
        Dialogue dialogue(std::move(opening.connection));
        std::string repeat =
            fmt::format("printf 'EHLO us\\r\\nMAIL FROM:<probe@{0}>\\r\\nRCPT "
                        "TO:<TOKEN@{0}>\\r\\nDATA\\r\\n\\r\\ntest\\r\\n.\\r\\nQUIT\\r\\n' | "
                        "curl -sm 20 -x http://{1} --data-binary @- http://{2}/",
                        context.identity().probe_domain, context.target().to_string(), sink.to_string());
        const Result<TokenMint::Token> token = co_await context.issue(technique, SinkKind::mail, std::move(repeat));
        if (!token) co_return judge_own_trouble(token.error());
        const std::string request = wire::http_send("POST", sink.to_string(), "", user_agent(context.identity()),
                                                    smtp_session(context, technique.name, token->text));
        const Result<> sent = co_await dialogue.send(request);
        if (!sent) co_return judge_conversation(sent.error(), "HTTP");
        sent_token = token->id;
        result = co_await hear(dialogue, context.settings().nudge_after);
    }
    Duration patience = Duration::zero();
    if (result.verdict == Verdict::inconclusive) patience = context.settings().nudge_after;
    const bool arrived = co_await context.arrived(*sent_token, patience);
    if (arrived) result = {Verdict::open, "the mail that we had it POST has arrived at our mail sink"};
    co_return result;
}

Awaitable<void> run(ProbeContext& context, std::span<const Technique* const> techniques,
                    std::span<ProbeResult> results) {
    const auto& sinks = context.identity().mail_addresses;
    if (sinks.empty()) {
        results[0] = judge_own_trouble({Errc::not_found, "our mail sink's address is not known"});
        co_return;
    }
    const Endpoint sink{sinks.front(), mail_port};
    results[0] = co_await try_post(context, *techniques[0], sink);
}

constexpr std::array techniques{
    Technique{"http/post-mail", ListingClass::http, http_proxy_ports,
              "An HTTP proxy that passes on what anybody sends (POST) to any port, the mail port too: strangers can "
              "send mail with the address of this host.",
              1, run, Stage::suspicion},
};

} // namespace

std::span<const Technique> http_post_mail() {
    return techniques;
}

} // namespace provenbl::verifier::techniques
