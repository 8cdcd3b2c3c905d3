// The one place that decides whether a packet may leave for an address, and whether an address may be
// listed: special-purpose ranges (RFC 6890), the operator's own networks, exclusions.
//
// The API asks it before a report is taken, the scheduler before a visit, the network before each
// connection. Errc::not_allowed carries the reason in words.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"
#include "store/result.hpp"
#include "store/store.hpp"
#include "verifier/settings.hpp"

namespace provenbl::verifier {

// The rules that need no store: special-purpose and own networks.
[[nodiscard]] Result<> check_address(const Address& address, const GateSettings& settings);

class Gate {
public:
    Gate(const Store& store, const Clock& clock, GateSettings settings);
    // Of a worker, which has no store: whoever gives it its visits has asked a whole one.
    explicit Gate(GateSettings settings);
    [[nodiscard]] Result<> check(const Address& address) const;
    // The same inside a transaction that is open already.
    [[nodiscard]] Result<> check(const ReadTxn& txn, const Address& address) const;

private:
    const Store* store_ = nullptr;
    const Clock* clock_ = nullptr;
    GateSettings settings_;
};

} // namespace provenbl::verifier
