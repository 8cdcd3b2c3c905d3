// Listings and delistings through the ledger and the store's own writer, as fast as they become durable.
//
// A listing is what a mail that came back makes: its token is issued, arrives, and lists the host, with evidence,
// journal and the visit that follows. A delisting closes what was proven. Each is a piece of work of its own, as the
// sinks and the scanner submit them; so many are under way at once, and the writer groups them. A change counts when
// the writer has said that its commit is on the disk.
#pragma once

#include "store/store.hpp"
#include "tests/bench/latency_histogram.hpp"
#include "tests/bench/life_writer.hpp"

#include <chrono>
#include <cstdint>

namespace provenbl::bench {

struct LedgerLoad {
    std::chrono::nanoseconds duration{};
    std::ptrdiff_t at_once = 2000;
};

struct LedgerLoadResult {
    std::uint64_t changes = 0; // durable
    std::uint64_t refused = 0; // should be none
    std::uint64_t commits = 0;
    std::chrono::nanoseconds took{};
    LatencyHistogram durable; // from the submission on
};

// Among the hosts of the life that are not listed.
[[nodiscard]] LedgerLoadResult run_ledger_load(Store& store, const Life& life, const LedgerLoad& load);

} // namespace provenbl::bench
