// The one transaction in which a token becomes arrival, evidence, listing and journal entry.
#include "verifier/receiver.hpp"

#include "store/carried.hpp"
#include "store/ledger.hpp"
#include "store/letters.hpp"
#include "store/listing_unit.hpp"
#include "store/log.hpp"
#include "store/tokens.hpp"
#include "verifier/arrivals.hpp"
#include "verifier/commit.hpp"
#include "verifier/techniques/smtp_relay_forms.hpp"
#include "verifier/transitions.hpp"
#include "verifier/wire/bounce.hpp"

#include <optional>
#include <utility>

namespace provenbl::verifier {
namespace {

// A mail whose sender was its own recipient comes back to the token when it is bounced, too. Relayed, it still has that
// sender; a bounce has none, or another.
bool is_bounce(const PendingProbe& probe, const Arrival& arrival, const TokenMint& mint) {
    return probe.technique == techniques::self_send && mint.find(arrival.sender) != probe.id;
}

// A mail that a worker's visit has sent, and that arrives too late for it: who looks now looks from here.
void look_again(WriteTxn& txn, const PendingProbe& probe) {
    // An exclusion says no, which is as it should be.
    (void)ledger::follow_up(txn, probe.target.address, txn.now, {probe.target.port});
}

} // namespace

bool lists(const ReadTxn& txn, const PendingProbe& probe, const Address& exit, VantagePoints needed) {
    if (probe.carrier.empty()) return true;
    if (probe.sink == SinkKind::datagram) return false;
    return needed == VantagePoints::one && listing_unit::of(txn, exit) == listing_unit::of(txn, probe.target.address);
}

bool blames_token(const Error& error) {
    switch (error.code) {
    case Errc::invalid:
    case Errc::not_found:
    case Errc::expired:
    case Errc::conflict:
        return true;
    default:
        return false;
    }
}

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
        // The envelope sender of a letter of ours: its bounces come here.
        if (sink == SinkKind::mail && store_.read([&](const ReadTxn& txn) { return letters::find_mail(txn, *id); }))
            return *id;
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

bool Receiver::taken_up(const TokenId& id, const Address& exit) const {
    if (!held_) return false;
    const auto held = store_.read([&](const ReadTxn& txn) -> std::optional<std::pair<Address, Claim>> {
        const auto probe = tokens::find(txn, id);
        if (!probe || probe->sink != SinkKind::mail || lists(txn, *probe, exit, needed_)) return std::nullopt;
        return std::pair{listing_unit::of(txn, probe->target.address), Claim{probe->technique, probe->target}};
    });
    return held && held_(held->first, held->second);
}

Awaitable<Result<>> Receiver::accept(TokenId id, Arrival arrival) {
    const auto is_mail = std::make_shared<bool>(false);
    const auto is_bounced = std::make_shared<bool>(false); // a letter came back
    const bool waited_for = taken_up(id, arrival.exit);
    Store::Work work = [this, id, waited_for, arrival = std::move(arrival), is_mail,
                        is_bounced](WriteTxn& txn) -> Result<> {
        *is_bounced = letters::find_mail(txn, id).has_value();
        if (*is_bounced) {
            if (!wire::is_final_failure(arrival.sender, arrival.message)) return {};
            return letters::unreachable(txn, id, "the letter came back");
        }
        if (const auto probe = tokens::find(txn, id); probe && is_bounce(*probe, arrival, mint_))
            return Error{Errc::conflict, "a bounce is no proof"};
        const auto evidence = tokens::arrive(txn, id, arrival);
        if (!evidence) return evidence.error();
        *is_mail = evidence->has_value();
        if (*is_mail && !lists(txn, (*evidence)->probe(), arrival.exit, needed_)) {
            if (!waited_for) look_again(txn, (*evidence)->probe());
            return {};
        }
        return *is_mail ? enlist(txn, **evidence, gate_, rules_) : Result<>{};
    };
    auto done = co_await commit(store_, std::move(work));
    if (done && *is_bounced) co_return done;
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
        log::of("verifier")->error("a token's arrival could not be recorded: {}", done.error().message);
    }
    co_return done;
}

Awaitable<Result<>> Receiver::confirm(TokenId id) {
    Store::Work work = [this, id](WriteTxn& txn) -> Result<> {
        const auto evidence = tokens::confirm(txn, id);
        if (!evidence) return evidence.error();
        if (!lists(txn, evidence->probe(), evidence->probe().exit, needed_)) return {};
        return enlist(txn, *evidence, gate_, rules_);
    };
    co_return co_await commit(store_, std::move(work));
}

} // namespace provenbl::verifier
