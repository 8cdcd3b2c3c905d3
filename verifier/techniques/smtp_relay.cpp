// smtp-relay/*: up to eight forms in one SMTP session, each with a token of its own.
//
// Port 465 speaks TLS from the first byte, the others where STARTTLS is offered; never with AUTH. A visit may need
// several connections: one without TLS when the handshake fails, and a new one whenever
// the server refuses RSET or hangs up. Every connection settles at least one form or is the last, and none
// is made after the time of one conversation. Verdicts are verdicts.hpp's; an accepted message is nothing
// until it arrives, and one that was handed over may arrive whatever the server said.
#include "verifier/fingerprint/mail_software.hpp"
#include "verifier/technique.hpp"
#include "verifier/techniques/smtp_relay_forms.hpp"
#include "verifier/techniques/smtp_relay_message.hpp"
#include "verifier/techniques/smtp_session.hpp"
#include "verifier/techniques/verdicts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace provenbl::verifier::techniques {
namespace {

using wire::SmtpReply;

constexpr std::uint16_t port_of_submission_over_tls = 465; // RFC 8314 3.3
constexpr Duration waited_at_once = std::chrono::seconds(2);

enum class Next { go_on, over, new_connection, without_tls };

// Why a step did not succeed, and what becomes of the session.
struct Setback {
    ProbeResult result;
    Next next = Next::go_on;
};
using Step = std::optional<Setback>; // nothing: as wished

bool hung_up(const Error& error) {
    return error.code == Errc::closed || error.code == Errc::unreachable;
}

Setback setback(const SmtpReply& reply, std::string_view stage) {
    const bool enough = reply.code == 421 || wire::complains_of_rate(reply);
    auto result = judge_smtp(reply, stage);
    if (enough) result.hint = Hint::unwelcome;
    return {std::move(result), enough ? Next::over : Next::go_on};
}

// In the middle of a session: garbage is no longer "does not speak SMTP", and so no refusal.
Setback setback(const Error& error, std::string_view stage) {
    auto result = judge_conversation(error, "SMTP");
    if (error.code == Errc::protocol) result.verdict = Verdict::inconclusive;
    result.detail = fmt::format("{}: {}", stage, result.detail);
    return {std::move(result), hung_up(error) ? Next::new_connection : Next::over};
}

class RelayVisit {
public:
    RelayVisit(ProbeContext& context, std::span<const Technique* const> techniques, std::span<ProbeResult> results)
        : context_(context), techniques_(techniques), results_(results), forms_(techniques.size()),
          begun_(context.now()) {}

    Awaitable<void> talk();
    Awaitable<void> wait_for_mail();
    void give_hint();

private:
    struct Form {
        bool settled = false;
        bool accepted = false;         // 2xx to the message
        std::optional<TokenId> handed; // the message was sent, wholly or in part
    };

    Awaitable<Next> one_session(SmtpSession& session);
    Awaitable<Step> greet(SmtpSession& session);
    Awaitable<Step> hello(SmtpSession& session);
    Awaitable<Step> secure(SmtpSession& session);
    Awaitable<Next> try_form(SmtpSession& session, std::size_t i);
    Awaitable<Step> hand_over(SmtpSession& session, std::size_t i, const RelayForm& form, const RelayNames& names);
    Awaitable<Next> reset(SmtpSession& session);
    Awaitable<void> ask_what_it_is(SmtpSession& session);

    void identify(const std::string& software) {
        if (software.empty()) return;
        identified_ = true;
        context_.software(software);
    }

    void settle(std::size_t i, ProbeResult result) {
        forms_[i].settled = true;
        results_[i] = std::move(result);
    }
    [[nodiscard]] RelayNames names_of_form() const {
        const auto& identity = context_.identity();
        RelayNames names{
            {}, identity.probe_domain, suspect_, address_literal(context_.target().address), identity.mail_exchanger};
        if (!identity.mail_addresses.empty()) names.sink_literal = address_literal(identity.mail_addresses.front());
        return names;
    }
    void settle_rest(const ProbeResult& result) {
        for (std::size_t i = 0; i < forms_.size(); ++i)
            if (!forms_[i].settled) settle(i, result);
    }
    [[nodiscard]] std::size_t unsettled() const {
        return static_cast<std::size_t>(
            std::count_if(forms_.begin(), forms_.end(), [](const Form& form) { return !form.settled; }));
    }

    ProbeContext& context_;
    std::span<const Technique* const> techniques_;
    std::span<ProbeResult> results_;
    std::vector<Form> forms_;
    const Time begun_;
    bool identified_ = false; // we know what software this is
    bool may_use_tls_ = true;
    bool secured_ = false;    // this connection
    bool greeted_ = false;    // this connection: with whatever words
    Hint heard_ = Hint::none; // what the whole visit has to say about further forms
    std::optional<std::string> banner_name_;
    std::optional<SmtpReply> ehlo_; // absent when only HELO was taken
    std::string suspect_;           // H of the forms
    ProbeResult ended_;             // why the last session ended early
};

Awaitable<void> RelayVisit::talk() {
    bool first = true;
    while (unsettled() > 0) {
        Result<std::unique_ptr<Connection>> connection = co_await context_.connect();
        if (!connection) {
            auto result = judge_connect(connection.error());
            // It took a connection a moment ago: no port is closed, we are just not welcome now.
            if (!first && result.verdict == Verdict::closed_port) result.verdict = Verdict::unreachable;
            settle_rest(result);
            co_return;
        }
        first = false;
        const auto before = unsettled();
        SmtpSession session(std::move(*connection));
        secured_ = false;
        if (may_use_tls_ && context_.target().port == port_of_submission_over_tls) {
            std::string no_name;
            const Result<> secured = co_await session.start_tls(std::move(no_name));
            may_use_tls_ = secured_ = secured.has_value();
            if (!secured) {
                context_.note("no TLS on this port (" + secured.error().message + "); once more without it");
                continue;
            }
            context_.note("TLS from the first byte");
        }
        const Next next = co_await one_session(session);
        if (next == Next::without_tls) continue; // at most once: may_use_tls_ is off now
        if (next != Next::new_connection) co_return;
        if (unsettled() == before || context_.now() - begun_ >= context_.settings().conversation_timeout)
            settle_rest(ended_);
    }
}

Awaitable<Next> RelayVisit::one_session(SmtpSession& session) {
    Step refused = co_await greet(session);
    if (refused && refused->next == Next::without_tls) co_return Next::without_tls;
    if (refused) {
        heard_ = Hint::hopeless;
        settle_rest(refused->result);
        if (greeted_) co_await session.quit(); // whoever has not said a word is not said goodbye to
        co_return Next::over;
    }
    if (heard_ == Hint::none) heard_ = Hint::speaks;
    for (std::size_t i = 0; i < forms_.size(); ++i) {
        if (forms_[i].settled) continue;
        const Next next = co_await try_form(session, i);
        if (next == Next::go_on) continue;
        if (next == Next::over) {
            heard_ = Hint::hopeless;
            settle_rest(ended_);
        }
        co_await session.quit();
        co_return next;
    }
    if (!identified_) co_await ask_what_it_is(session);
    co_await session.quit();
    co_return Next::over;
}

// Banner, EHLO, and TLS where it is offered.
Awaitable<Step> RelayVisit::greet(SmtpSession& session) {
    const Result<SmtpReply> banner = co_await session.reply();
    greeted_ = banner.has_value();
    if (!banner) co_return Setback{judge_conversation(banner.error(), "SMTP"), Next::over};
    identify(fingerprint::by_banner(*banner));
    banner_name_ = wire::server_name(*banner);
    if (banner->kind() != 2) co_return Setback{setback(*banner, "banner").result, Next::over};
    Step refused = co_await hello(session);
    if (refused || !ehlo_ || !may_use_tls_ || secured_ || !wire::offers(*ehlo_, "STARTTLS")) co_return refused;
    co_return co_await secure(session);
}

Awaitable<Step> RelayVisit::hello(SmtpSession& session) {
    const std::string& own_name = context_.identity().helo;
    Result<SmtpReply> reply = co_await session.command("EHLO " + own_name);
    const bool extended = reply && reply->kind() == 2;
    if (reply && reply->kind() == 5) reply = co_await session.command("HELO " + own_name);
    if (!reply) co_return setback(reply.error(), "EHLO");
    if (reply->kind() != 2) co_return setback(*reply, "EHLO");
    ehlo_ = extended ? std::optional(*reply) : std::nullopt;
    if (!identified_) identify(fingerprint::by_ehlo(*reply));
    auto name = wire::server_name(*reply);
    if (!name) name = banner_name_;
    suspect_ = name ? *name : address_literal(context_.target().address);
    co_return std::nullopt;
}

// A failure here costs the connection, never the visit.
Awaitable<Step> RelayVisit::secure(SmtpSession& session) {
    const Result<SmtpReply> reply = co_await session.command("STARTTLS");
    if (reply && reply->code == 421) co_return setback(*reply, "STARTTLS");
    if (reply && reply->kind() != 2) co_return std::nullopt; // offered and refused: go on in the clear
    std::string trouble;
    if (reply) {
        // A name of its own: GCC 12 destroys the temporary of a conditional inside co_await twice.
        std::string name;
        if (!suspect_.starts_with('[')) name = suspect_;
        const Result<> secured = co_await session.start_tls(std::move(name));
        if (secured) {
            Step refused = co_await hello(session);
            if (!refused || refused->next != Next::new_connection) co_return refused;
            trouble = refused->result.detail;
        } else {
            trouble = secured.error().message;
        }
    } else {
        trouble = reply.error().message;
    }
    context_.note("STARTTLS failed (" + trouble + "); once more without it");
    may_use_tls_ = false;
    co_return Setback{{Verdict::unreachable, "STARTTLS: " + trouble}, Next::without_tls};
}

Awaitable<Next> RelayVisit::try_form(SmtpSession& session, std::size_t i) {
    const RelayForm* form = find_relay_form(techniques_[i]->name);
    if (form == nullptr) {
        settle(i, judge_own_trouble({Errc::not_found, "no such form"}));
        co_return Next::go_on;
    }
    RelayNames names = names_of_form();
    if (form->recipient(names).empty()) {
        settle(i, judge_own_trouble({Errc::not_found, "our mail sink's own name and address are not known"}));
        co_return Next::go_on;
    }
    std::string repeat = repeat_relay(*form, names, context_.target(), context_.identity().helo);
    const Result<TokenMint::Token> token = co_await context_.issue(*techniques_[i], SinkKind::mail, std::move(repeat));
    if (!token) {
        ended_ = judge_own_trouble(token.error());
        settle(i, ended_);
        co_return Next::over;
    }
    names.token = token->text;
    const Result<SmtpReply> mail = co_await session.command("MAIL FROM:<" + form->sender(names) + ">");
    if (!mail || mail->kind() != 2) {
        const auto refused = mail ? setback(*mail, "MAIL FROM") : setback(mail.error(), "MAIL FROM");
        ended_ = refused.result;
        settle(i, ended_);
        co_return refused.next; // no transaction has begun: nothing to reset
    }
    const Result<SmtpReply> rcpt = co_await session.command("RCPT TO:<" + form->recipient(names) + ">");
    Step refused;
    if (!rcpt) {
        refused = setback(rcpt.error(), "RCPT TO");
    } else if (rcpt->kind() != 2) {
        refused = setback(*rcpt, "RCPT TO");
    } else {
        forms_[i].handed = token->id; // from DATA on, it may arrive
        heard_ = Hint::promising;
        refused = co_await hand_over(session, i, *form, names);
    }
    if (!refused) co_return Next::go_on; // settled by hand_over; the transaction is over
    ended_ = refused->result;
    settle(i, ended_);
    if (refused->next != Next::go_on || unsettled() == 0) co_return refused->next;
    co_return co_await reset(session);
}

Awaitable<Step> RelayVisit::hand_over(SmtpSession& session, std::size_t i, const RelayForm& form,
                                      const RelayNames& names) {
    const Result<SmtpReply> data = co_await session.command("DATA");
    if (!data) co_return setback(data.error(), "DATA");
    if (data->kind() != 3) co_return setback(*data, "DATA");
    std::string message =
        relay_message(context_.identity(), context_.target(), form.technique, names.token, context_.now());
    const Result<SmtpReply> taken = co_await session.message(std::move(message));
    if (!taken) co_return setback(taken.error(), "end of DATA");
    if (taken->kind() != 2) co_return setback(*taken, "end of DATA");
    forms_[i].accepted = true;
    settle(i, {Verdict::inconclusive, fmt::format("{} ({})", nothing_arrived, taken->quote())});
    co_return std::nullopt;
}

Awaitable<Next> RelayVisit::reset(SmtpSession& session) {
    const Result<SmtpReply> reply = co_await session.command("RSET");
    if (reply && reply->kind() == 2) co_return Next::go_on;
    if (!reply) {
        const auto failed = setback(reply.error(), "RSET");
        ended_ = failed.result;
        co_return failed.next;
    }
    ended_ = setback(*reply, "RSET").result;
    if (reply->code == 421) co_return Next::over;
    // Whatever it says instead of 2xx: the transaction may still be open, so the next form needs a new session.
    if (ended_.verdict == Verdict::refused) ended_.verdict = Verdict::inconclusive;
    context_.note("RSET was refused; once more in a new connection");
    co_return Next::new_connection;
}

// A banner may say nothing; HELP, or how it is refused, often does. Once, and last: no verdict hangs on it.
Awaitable<void> RelayVisit::ask_what_it_is(SmtpSession& session) {
    const Result<SmtpReply> reply = co_await session.command("HELP");
    if (reply) identify(fingerprint::by_help(*reply));
}

// Most relays pass it on within a second or two. For the others the visit does not stand still.
Awaitable<void> RelayVisit::wait_for_mail() {
    const Time deadline = context_.now() + std::min(context_.settings().mail_wait, waited_at_once);
    for (std::size_t i = 0; i < forms_.size(); ++i) {
        if (!forms_[i].handed) continue;
        // What was not accepted is not waited for, but looked for: the mail is the truth.
        const Duration patience =
            forms_[i].accepted ? std::max(Duration::zero(), deadline - context_.now()) : Duration::zero();
        const bool arrived = co_await context_.arrived(*forms_[i].handed, patience);
        if (arrived)
            results_[i] = {Verdict::open, std::string(message_arrived)};
        else if (forms_[i].accepted)
            context_.look_again(*techniques_[i], *forms_[i].handed);
    }
}

// What is proven open needs no search for rarer holes.
void RelayVisit::give_hint() {
    const bool open = std::any_of(results_.begin(), results_.end(),
                                  [](const ProbeResult& result) { return result.verdict == Verdict::open; });
    const bool unwelcome = std::any_of(results_.begin(), results_.end(),
                                       [](const ProbeResult& result) { return result.hint == Hint::unwelcome; });
    if (unwelcome) heard_ = Hint::unwelcome;
    for (auto& result : results_) result.hint = open && heard_ == Hint::promising ? Hint::none : heard_;
}

Awaitable<void> run(ProbeContext& context, std::span<const Technique* const> techniques,
                    std::span<ProbeResult> results) {
    RelayVisit visit(context, techniques, results);
    co_await visit.talk();
    co_await visit.wait_for_mail();
    visit.give_hint();
}

constexpr std::array<std::uint16_t, 3> ports{25, 587, port_of_submission_over_tls};
constexpr std::size_t forms_per_session = 8; // more RSETs than that, and Exim ends the session

} // namespace

std::span<const Technique> smtp_relay() {
    static const auto techniques = [] {
        std::vector<Technique> all;
        for (const auto& form : relay_forms())
            all.push_back({form.technique, ListingClass::relay, ports, form.hole, forms_per_session, run, form.stage});
        return all;
    }();
    return techniques;
}

} // namespace provenbl::verifier::techniques
