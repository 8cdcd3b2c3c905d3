// A life at random for a store: reports, tokens, proofs, visits, clearances, exclusions, changes of the configuration,
// all through the real ledger.
//
// An event depends on its seed, its time and what the store holds, on nothing else, so a test can repeat it, and it may
// be run again as work of the store may. Times must grow by minutes for tokens to expire and exclusions to end.
#pragma once

#include "store/address.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace provenbl::test {

struct HistorySettings {
    std::uint32_t hosts = 2000; // about a quarter of them IPv6
    bool forget = true;         // expired tokens are swept
};

// One event inside `txn`. `said`, if any, gets a line for everything that is promised once the transaction has
// committed, in words that `unkept_promise` reads. An Error is part of the life: it must leave no trace.
Result<> random_event(WriteTxn& txn, std::uint64_t seed, const HistorySettings& settings,
                      std::vector<std::string>* said = nullptr);

// Why the store does not hold what the line promised; empty when it does.
[[nodiscard]] std::string unkept_promise(const ReadTxn& txn, const std::string& line);

[[nodiscard]] Address history_host(std::uint32_t number);

} // namespace provenbl::test
