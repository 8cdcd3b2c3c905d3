#include "tools/daemon/mail_intake.hpp"

#include "store/log.hpp"
#include "store/notices.hpp"
#include "verifier/commit.hpp"
#include "verifier/wire/smtp_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace provenbl::tools {
namespace asio = boost::asio;
using intake::Filed;
using intake::LmtpReply;
using intake::MailAddress;
using intake::MailOutcome;

namespace {

constexpr std::size_t no_kind = intake::mail_kinds.size() - 1;

intake::LmtpRules session_rules(const api::Context& context, std::function<bool(std::string_view)> knows) {
    intake::LmtpRules rules;
    const auto& helo = context.configuration.verifier.identity.helo;
    rules.hostname = helo.empty() ? "localhost" : helo;
    rules.knows = std::move(knows);
    rules.message_limit = context.configuration.intake_mail.message_limit;
    return rules;
}

Filed::What what_of(const Error& error, bool beyond_limits) {
    switch (error.code) {
    case Errc::not_allowed:
        return beyond_limits ? Filed::What::later : Filed::What::refused;
    case Errc::invalid:
        return Filed::What::refused;
    default: // our own trouble
        return Filed::What::later;
    }
}

} // namespace

MailIntake::MailIntake(const api::Context& context)
    : context_(context), settings_(context.configuration.intake_mail),
      server_(settings_, session_rules(context, [this](std::string_view address) { return known(address) != nullptr; }),
              [this](std::vector<std::string> recipients, std::string message) {
                  return deliver(std::move(recipients), std::move(message));
              }) {
    rules_.trusted.networks = settings_.trusted_networks;
    rules_.trusted.names = settings_.trusted_names;
    for (const auto& one : settings_.addresses) way_.one_voice.push_back(one.reporter);
}

MailIntake::~MailIntake() {
    stop();
}

Result<> MailIntake::start() {
    return server_.start();
}

void MailIntake::stop() {
    server_.stop();
    // Completions of the store's writer post to the server's context.
    verifier::drain_commits(context_.store);
}

std::vector<std::string> MailIntake::places() const {
    std::vector<std::string> all;
    if (!settings_.socket.empty()) all.push_back("unix:" + settings_.socket.string());
    for (const auto& endpoint : server_.bound()) all.push_back(endpoint.to_string());
    return all;
}

const MailAddress* MailIntake::known(std::string_view address) const {
    const auto found =
        std::find_if(settings_.addresses.begin(), settings_.addresses.end(),
                     [&](const MailAddress& one) { return verifier::wire::equal_folded(one.address, address); });
    return found == settings_.addresses.end() ? nullptr : &*found;
}

asio::awaitable<std::vector<LmtpReply>> MailIntake::deliver(std::vector<std::string> recipients, std::string message) {
    std::vector<LmtpReply> replies;
    std::map<std::pair<std::string, bool>, LmtpReply> said; // one report, to however many addresses it was sent
    for (const auto& recipient : recipients) {
        const auto* const address = known(recipient);
        if (address == nullptr) {
            replies.push_back({550, "5.1.1", "no reports are taken for this address"});
            continue;
        }
        const std::pair key{address->reporter, address->spam};
        auto answered = said.find(key);
        if (answered == said.end()) {
            auto reply = co_await take(*address, message);
            answered = said.emplace(key, std::move(reply)).first;
        }
        replies.push_back(answered->second);
    }
    co_return replies;
}

asio::awaitable<LmtpReply> MailIntake::take(const MailAddress& address, std::string_view message) {
    namespace mail = intake::mail;
    const auto reading = address.spam ? mail::read_spam(message, rules_) : mail::read_report(message, rules_);
    if (!reading) co_return answer(no_kind, MailOutcome::refused, reading.error().message);
    const auto kind = static_cast<std::size_t>(reading->kind);
    std::string taken;
    std::string why; // of the others
    bool later = false;
    for (const auto& entry : reading->entries) {
        const auto filed = co_await file(address, entry);
        if (filed.what == Filed::What::taken) {
            taken += (taken.empty() ? "" : ", ") + entry.address.to_string();
            continue;
        }
        later = later || filed.what == Filed::What::later;
        const auto address_text = entry.address.to_string();
        if (!why.empty()) why += "; ";
        if (!filed.why.starts_with(address_text)) why += address_text + ": ";
        why += filed.why;
    }
    for (const auto& words : reading->no_host) why += (why.empty() ? "" : "; ") + words;
    if (!taken.empty())
        co_return answer(kind, MailOutcome::taken,
                         fmt::format("reported: {}{}{}", taken, why.empty() ? "" : "; but ", why));
    if (reading->entries.empty()) co_return answer(kind, MailOutcome::nothing, why);
    co_return answer(kind, later ? MailOutcome::later : MailOutcome::refused, why);
}

asio::awaitable<Filed> MailIntake::file(const MailAddress& address, const intake::Entry& entry) {
    Report report;
    report.host = entry.address;
    report.ports = entry.ports;
    report.comment = entry.remark();
    verifier::OwnReporter who;
    who.name = address.reporter;
    who.note = "reports by mail";
    const auto made = std::make_shared<verifier::FiledReport>();
    Store::Work work = [this, report = std::move(report), who = std::move(who),
                        key = verifier::no_key(context_.entropy), made](WriteTxn& txn) -> Result<> {
        // Refused for everybody, for a while: no mail should be lost for that.
        if (notices::shutdown(txn)) return Error{Errc::busy, "the list is shut down and takes no reports"};
        const auto reporter = verifier::own_reporter(txn, who, key);
        if (!reporter) return reporter.error();
        return verifier::file_report(txn, context_.gate, context_.configuration.verifier.policy, *reporter, report,
                                     *made, way_);
    };
    const auto done = co_await verifier::commit(context_.store, std::move(work));
    Filed filed;
    if (done) co_return filed;
    filed.what = what_of(done.error(), made->next.has_value());
    filed.why = done.error().message;
    co_return filed;
}

LmtpReply MailIntake::answer(std::size_t kind, MailOutcome outcome, std::string_view text) {
    counts_.add(kind, outcome);
    // In one plain line: it may hold words of whoever wrote the mail.
    log::of("intake")->info("a mail ({}): {}: {}", intake::mail_kinds.at(kind),
                            intake::mail_outcomes.at(static_cast<std::size_t>(outcome)), intake::mail::remark_of(text));
    switch (outcome) {
    case MailOutcome::taken:
        return {250, "2.0.0", std::string{text}};
    case MailOutcome::nothing:
        return {250, "2.0.0", fmt::format("taken, and nothing is done: {}", text)};
    case MailOutcome::later:
        return {451, "4.3.0", fmt::format("not now, send it again later: {}", text)};
    case MailOutcome::refused:
        break;
    }
    if (!settings_.bounce) return {250, "2.0.0", fmt::format("taken, but no report was made: {}", text)};
    return {550, kind == no_kind ? "5.6.0" : "5.7.1", std::string{text}};
}

} // namespace provenbl::tools
