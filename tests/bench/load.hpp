// The load generator: asks as fast as the window allows (closed loop), or at a fixed rate (open loop).
//
// It never sleeps and never waits for the kernel, because a generator that is woken up measures its own wake-ups.
// Queries go out and answers come in by batches; each answer is held against what was expected.
// Ids in flight are unique per socket: they are the socket's running number, scrambled.
#pragma once

#include "tests/bench/latency_histogram.hpp"
#include "tests/bench/query_file.hpp"
#include "tests/bench/udp_socket.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace provenbl::bench {

struct LoadSettings {
    Endpoint server;
    std::chrono::nanoseconds duration{};
    std::size_t window = 512; // queries in flight, over all sockets
    std::size_t sockets = 1;  // source ports
    double rate = 0;          // queries a second; 0: closed loop
    std::chrono::nanoseconds timeout{};
    bool echo = false;     // the server sends back what it got
    std::size_t first = 0; // where in the file to begin
};

struct LoadResult {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t lost = 0;  // no answer within the timeout
    std::uint64_t wrong = 0; // rcode or number of answers is not what was expected
    std::uint64_t stray = 0; // answers to nothing that was in flight
    std::string first_wrong; // what it was, for people
    std::chrono::nanoseconds took{};
    // Between two answers; `silence` leaves out time in which the generator itself was not running.
    std::chrono::nanoseconds silence{};
    std::chrono::nanoseconds silence_with_absence{};
    LatencyHistogram latency;
};

// Throws std::system_error.
[[nodiscard]] LoadResult run_load(const QueryFile& file, const LoadSettings& settings);

} // namespace provenbl::bench
