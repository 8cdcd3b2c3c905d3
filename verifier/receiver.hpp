// A token reached a sink: from there to evidence, listing and journal in one transaction.
//
// Sinks know this interface and not the store. Thread: calls and completions on the sinks' executor.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"
#include "verifier/carried_steps.hpp"
#include "verifier/elsewhere.hpp"
#include "verifier/gate.hpp"
#include "verifier/network.hpp"
#include "verifier/settings.hpp"
#include "verifier/token.hpp"

#include <atomic>
#include <functional>
#include <memory>

namespace provenbl::verifier {

class Arrivals;

struct SinkCounters {
    std::atomic<std::uint64_t> mail_accepted{0};
    std::atomic<std::uint64_t> callbacks_accepted{0};
    std::atomic<std::uint64_t> forged{0};  // MAC wrong, or no token at all
    std::atomic<std::uint64_t> unknown{0}; // never issued, or aged out
    std::atomic<std::uint64_t> expired{0};
    std::atomic<std::uint64_t> used{0};
};

// May a token that came back list? What a worker carried says with it how it got in, which nobody here has seen: it
// lists where one network is enough, and the host itself brought it; not by a datagram, which anybody sends in a host's
// name. Otherwise it is a reason to look from here.
[[nodiscard]] bool lists(const ReadTxn& txn, const PendingProbe& probe, const Address& exit, VantagePoints needed);

// Does examine or accept speak of the token? Otherwise the trouble is our own.
[[nodiscard]] bool blames_token(const Error& error);

class Receiver {
public:
    Receiver(Store& store, const Clock& clock, const Gate& gate, const TokenMint& mint, const PolicyRules& rules,
             Arrivals& arrivals);

    // Is this the text of a token of ours that a sink should take? Checks the MAC, then the store.
    // Errors: invalid (forged), not_found, expired, conflict (used). Counts refusals.
    [[nodiscard]] Result<TokenId> examine(std::string_view text, SinkKind sink);
    // Durable when it returns. For mail this lists the host, and its exit as chain where it differs.
    Awaitable<Result<>> accept(TokenId id, Arrival arrival);
    // The probe has the sink's answer (technique.hpp): lists.
    Awaitable<Result<>> confirm(TokenId id);
    // Before the first arrival, where workers carry out visits. `held` is called on the executor with a host (as the
    // scheduler knows it) and the way by which a mail came through it that a worker's visit has sent and that may not
    // list by itself. Does the visit that is on take it up? Otherwise another is asked for.
    using Held = std::function<bool(const Address& host, Claim claim)>;
    void expect_workers(VantagePoints needed, Held held) {
        needed_ = needed;
        held_ = std::move(held);
    }
    [[nodiscard]] std::string answer_to(const TokenId& id) const { return mint_.answer_to(id); }
    [[nodiscard]] const SinkCounters& counters() const { return counters_; }
    [[nodiscard]] const TokenMint& mint() const { return mint_; }

private:
    [[nodiscard]] bool taken_up(const TokenId& id, const Address& exit) const;

    Store& store_;
    const Clock& clock_;
    const Gate& gate_;
    const TokenMint& mint_;
    const PolicyRules& rules_;
    Arrivals& arrivals_;
    SinkCounters counters_;
    VantagePoints needed_ = VantagePoints::two;
    Held held_;
};

} // namespace provenbl::verifier
