// The one transaction in which a token becomes arrival, evidence, listing and journal entry.
#include "verifier/receiver.hpp"

#include "store/ledger.hpp"
#include "store/listing_unit.hpp"
#include "store/tokens.hpp"
#include "verifier/arrivals.hpp"
#include "verifier/commit.hpp"
#include "verifier/rescans.hpp"
#include "verifier/techniques/smtp_relay_forms.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace provenbl::verifier {
namespace {

// Outcomes that leave the arrival recorded: the token came back, and yet there is nothing (more) to list.
bool only_not_listed(const Error& error) {
    return error.code == Errc::not_allowed || error.code == Errc::limit;
}

// A mail whose sender was its own recipient comes back to the token when it is bounced, too. Relayed, it still has that
// sender; a bounce has none, or another.
bool is_bounce(const PendingProbe& probe, const Arrival& arrival, const TokenMint& mint) {
    return probe.technique == techniques::self_send && mint.find(arrival.sender) != probe.id;
}

Result<> enlist(WriteTxn& txn, const Evidence& evidence, const Gate& gate, const PolicyRules& rules) {
    const auto entry = evidence.probe().target.address;
    const auto exit = evidence.probe().exit;
    // The token's own bits are as random as any.
    const auto next = first_rescan(rules, txn.now, jitter_of(evidence.probe().id));
    if (const auto allowed = gate.check(txn, entry); !allowed) {
        spdlog::warn("a token came back through {}, which is not listed: {}", entry.to_string(),
                     allowed.error().message);
        return {};
    }
    if (const auto listed = ledger::list(txn, evidence, next); !listed) {
        if (!only_not_listed(listed.error())) return listed.error();
        spdlog::warn("a token came back through {}, which is not listed for it: {}", entry.to_string(),
                     listed.error().message);
        return {};
    }
    if (!rules.list_exits || listing_unit::of(txn, exit) == listing_unit::of(txn, entry)) return {};
    if (const auto allowed = gate.check(txn, exit); !allowed) {
        spdlog::info("the exit {} of {} is not listed: {}", exit.to_string(), entry.to_string(),
                     allowed.error().message);
        return {};
    }
    if (const auto listed = ledger::list_exit(txn, evidence, next); !listed) {
        if (!only_not_listed(listed.error())) return listed.error();
        spdlog::warn("the exit {} of {} is not listed: {}", exit.to_string(), entry.to_string(),
                     listed.error().message);
    }
    return {};
}

} // namespace

Receiver::Receiver(Store& store, const Clock& clock, const Gate& gate, const TokenMint& mint, const PolicyRules& rules,
                   Arrivals& arrivals)
    : store_(store), clock_(clock), gate_(gate), mint_(mint), rules_(rules), arrivals_(arrivals) {}

Result<TokenId> Receiver::examine(std::string_view text, SinkKind sink) {
    const auto id = mint_.check(text);
    if (!id) {
        ++counters_.forged;
        return Error{Errc::invalid, "this is not a token of ours"};
    }
    const auto probe = store_.read([&](const ReadTxn& txn) { return tokens::find(txn, *id); });
    if (!probe) {
        ++counters_.unknown;
        return Error{Errc::not_found, "this token was never issued, or has been forgotten since"};
    }
    if (probe->sink != sink) {
        ++counters_.forged;
        return Error{Errc::invalid, "this token belongs to another kind of sink"};
    }
    // A tunnel may say its token twice, until the answer has come back.
    if (probe->redeemed || (probe->arrived && sink == SinkKind::mail)) {
        ++counters_.used;
        return Error{Errc::conflict, "this token has been used"};
    }
    if (clock_.now() >= probe->expires) {
        ++counters_.expired;
        return Error{Errc::expired, "this token has expired"};
    }
    return *id;
}

Awaitable<Result<>> Receiver::accept(TokenId id, Arrival arrival) {
    const auto is_mail = std::make_shared<bool>(false);
    Store::Work work = [this, id, arrival = std::move(arrival), is_mail](WriteTxn& txn) -> Result<> {
        if (const auto probe = tokens::find(txn, id); probe && is_bounce(*probe, arrival, mint_))
            return Error{Errc::conflict, "a bounce is no proof"};
        const auto evidence = tokens::arrive(txn, id, arrival);
        if (!evidence) return evidence.error();
        *is_mail = evidence->has_value();
        return *is_mail ? enlist(txn, **evidence, gate_, rules_) : Result<>{};
    };
    auto done = co_await commit(store_, std::move(work));
    if (done) {
        ++(*is_mail ? counters_.mail_accepted : counters_.callbacks_accepted);
        arrivals_.notify(id);
        co_return done;
    }
    // What another connection did since it was examined.
    switch (done.error().code) {
    case Errc::not_found:
        ++counters_.unknown;
        break;
    case Errc::expired:
        ++counters_.expired;
        break;
    case Errc::conflict:
        ++counters_.used;
        break;
    default:
        spdlog::error("a token's arrival could not be recorded: {}", done.error().message);
    }
    co_return done;
}

Awaitable<Result<>> Receiver::confirm(TokenId id) {
    Store::Work work = [this, id](WriteTxn& txn) -> Result<> {
        const auto evidence = tokens::confirm(txn, id);
        if (!evidence) return evidence.error();
        return enlist(txn, *evidence, gate_, rules_);
    };
    co_return co_await commit(store_, std::move(work));
}

} // namespace provenbl::verifier
