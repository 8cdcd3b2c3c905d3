// Tokens on their way, and the only road from a token to evidence.
//
// A probe writes its token with `issue` before it sends it. The sink, having checked the token's MAC,
// reports its arrival. For mail, the arrival is the proof; for a tunnel, the answer must also have come
// back through the suspect, and the probe says so with `confirm`. Either gives an Evidence, and nothing
// else can make one: a host cannot be listed without (ledger.hpp).
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <optional>

namespace provenbl {

class Evidence {
public:
    [[nodiscard]] const PendingProbe& probe() const { return probe_; }

private:
    explicit Evidence(PendingProbe probe) : probe_(std::move(probe)) {}
    PendingProbe probe_;
    friend struct EvidenceMaker; // tokens.cpp
};

namespace tokens {

// The key of the MAC: 32 random bytes, made by the first caller and kept with the store, so that a token
// is valid after a restart. `fresh` is used when there is none yet.
Result<std::array<std::uint8_t, 32>> key(WriteTxn& txn, const std::array<std::uint8_t, 32>& fresh);

Result<> issue(WriteTxn& txn, const PendingProbe& probe);
[[nodiscard]] std::optional<PendingProbe> find(const ReadTxn& txn, const TokenId& id);

// A valid token reached a sink. Errors: not_found (never issued, or aged out), expired, conflict (used, or said by
// datagrams from two places).
// The Evidence is present for mail and absent for a callback, which awaits `confirm`.
Result<std::optional<Evidence>> arrive(WriteTxn& txn, const TokenId& id, const Arrival& arrival);

// The sink's answer came back to the probe. Errors: not_found, expired, conflict, and not_allowed when the
// token has not arrived at a sink or is a mail token.
Result<Evidence> confirm(WriteTxn& txn, const TokenId& id);

// Joins the conversation to the token, and to the evidence if there is some by now.
void attach_conversation(WriteTxn& txn, const TokenId& id, std::string_view transcript, std::string_view software);

// Forgets tokens that expired before `now`, at most `limit`; returns how many.
std::size_t sweep(WriteTxn& txn, Time now, std::size_t limit);

} // namespace tokens
} // namespace provenbl
