// Exclusions: prefixes that are never probed and never listed. Entered through ledger::exclude.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <functional>
#include <optional>

namespace provenbl::exclusions {

// The most specific exclusion in force at `now` that covers the address.
[[nodiscard]] std::optional<Exclusion> covering(const ReadTxn& txn, const Address& address, Time now);
void walk(const ReadTxn& txn, const std::function<bool(const Exclusion&)>& visit);
bool remove(WriteTxn& txn, const Prefix& prefix);

} // namespace provenbl::exclusions
