// What is measured of a big store: start, `why`, and listing changes while it serves.
#pragma once

#include "tests/bench/latency_histogram.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace provenbl::bench {

using std::chrono::nanoseconds;

struct Start {
    nanoseconds open{};  // the store
    nanoseconds index{}; // until the first answer can be given: the serving index is read
    std::size_t listed = 0;
};
[[nodiscard]] Start measure_start(const std::filesystem::path& directory);

// `provenbl why` for hosts at random, from the request to the two sentences, without HTTP.
[[nodiscard]] LatencyHistogram measure_why(const std::filesystem::path& directory, std::uint32_t hosts,
                                           std::size_t count);

// One sync of one page, as often as asked: what a commit can't do without.
[[nodiscard]] LatencyHistogram measure_sync(const std::filesystem::path& directory, std::size_t count);

struct ChangeLoad {
    double rate = 5000; // listing changes a second; 0: as fast as they are taken
    std::chrono::seconds duration{10};
};
struct Changed {
    std::uint64_t changes = 0; // acknowledged: committed and synced
    std::uint64_t refused = 0;
    std::uint64_t commits = 0;
    std::uint64_t lookups = 0; // by the reader beside it
    nanoseconds took{};        // from the first to the last acknowledgement
    LatencyHistogram waited;   // from submission to acknowledgement
    bool followed = false;     // the serving index has seen the last one
};
// Through the ledger, each a piece of work of its own: a token is issued, comes back and lists a host with its
// evidence; or a host is delisted. Beside it a follower publishes, and a reader asks the index without pause.
[[nodiscard]] Changed measure_changes(const std::filesystem::path& directory, const ChangeLoad& load);

} // namespace provenbl::bench
