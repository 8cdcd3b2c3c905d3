// Changes a served list at a steady rate and asks the responder for every name that changed, until it says so.
//
// A writer thread commits groups into the store, as the program's own writer does under load; the asking thread
// times each change from the return of its commit to the first right answer. Addresses lie in the spare network
// of the data set; about half of the changes delist what was listed half a second before. At the end
// every name that was touched is asked once more.
#pragma once

#include "store/address.hpp"
#include "store/store.hpp"
#include "tests/bench/latency_histogram.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace provenbl::bench {

struct ChangesSettings {
    std::filesystem::path directory;
    Endpoint server;
    double rate = 10'000; // changes a second
    std::chrono::nanoseconds interval{};
    std::chrono::nanoseconds duration{};
    std::chrono::nanoseconds timeout{}; // a change that is not seen by then is lost
};

struct ChangesResult {
    std::uint64_t changes = 0;
    std::uint64_t groups = 0;
    std::uint64_t lost = 0;
    std::uint64_t late = 0;         // seen after more than 10 ms
    std::uint64_t unanswered = 0;   // questions that had to be asked again
    std::uint64_t wrong_at_end = 0; // of `changes` names, asked when all was over
    std::chrono::nanoseconds took{};
    LatencyHistogram visible;
    LatencyHistogram commit;
};

// Throws std::system_error, BadResult.
[[nodiscard]] ChangesResult run_changes(const ChangesSettings& settings);

} // namespace provenbl::bench
