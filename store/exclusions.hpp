// Exclusions: prefixes that are never probed and never listed. Entered through ledger::exclude.
#pragma once

#include "store/records.hpp"
#include "store/store.hpp"

#include <functional>
#include <optional>

namespace provenbl::exclusions {

// The most specific exclusion in force at `now` that covers the address; else one of a part of what a listing of it
// would cover (listing_unit.hpp). From its end on an exclusion covers nothing; to enter it again renews it.
[[nodiscard]] std::optional<Exclusion> covering(const ReadTxn& txn, const Address& address, Time now);
void walk(const ReadTxn& txn, const std::function<bool(const Exclusion&)>& visit);
bool remove(WriteTxn& txn, const Prefix& prefix);

} // namespace provenbl::exclusions
