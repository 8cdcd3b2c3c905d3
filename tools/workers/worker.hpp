// A worker: takes visits that the coordinator gives out, carries them out from here, and hands in what it found.
//
// It has no store, no sinks and no say: tokens are the coordinator's. It gives a visit up when the coordinator says
// that it is another's, and when it has not heard of the coordinator for three quarters of the time after which that
// gives the visit to somebody else, so that no host is talked to by two. One thread runs everything.
#pragma once

#include "tools/signing/signing_key.hpp"
#include "tools/workers/bus.hpp"
#include "tools/workers/settings.hpp"

#include <cstdint>
#include <memory>

namespace provenbl::tools::workers {

struct WorkerCounts {
    std::size_t running = 0;
    std::uint64_t finished = 0;  // and handed in
    std::uint64_t given_up = 0;  // the coordinator was away, or wanted it no more
    std::uint64_t passed_on = 0; // not begun: for others, or over
};

class Worker {
public:
    // All of it lives longer.
    Worker(const WorkerSettings& settings, const signing::SigningKey& key, const signing::PublicKey& coordinator,
           WorkerBus& bus, const Clock& clock);
    ~Worker(); // stops
    Result<> start();
    // Gives up what runs: it comes back to others.
    void stop();
    [[nodiscard]] WorkerCounts counts() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::tools::workers
