// The verifier as a whole: sinks, scheduler, scanner, over one store. The public face of this folder.
#pragma once

#include "store/entropy.hpp"
#include "store/records.hpp"
#include "store/store.hpp"
#include "verifier/probe_counts.hpp"
#include "verifier/settings.hpp"
#include "verifier/trap_settings.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace provenbl::verifier {

class Elsewhere;

struct VerifierStatistics {
    std::size_t running_scans = 0;
    std::uint64_t scans_finished = 0;
    std::uint64_t mail_accepted = 0;
    std::uint64_t callbacks_accepted = 0;
    std::uint64_t tokens_forged = 0;
    std::uint64_t tokens_unknown = 0;
    std::uint64_t tokens_expired = 0;
    std::uint64_t tokens_used = 0;
    std::uint64_t traps_taken = 0; // mail to traps: TrapCounters
    std::uint64_t traps_refused = 0;
    std::uint64_t traps_failed = 0;
    std::uint64_t traps_bounces = 0;
    std::vector<ProbeCount> probes; // since the start, by technique and verdict
};

class Verifier {
public:
    Verifier(Store& store, const Clock& clock, Entropy& entropy, VerifierSettings settings, TrapSettings traps = {});
    ~Verifier(); // stops

    // Visits are given out to workers from now on; before start(). It lives longer.
    void carry_out_by(Elsewhere& elsewhere);
    // Binds the sinks and starts the threads. Errors name the endpoint and what to do (port in use, not permitted).
    Result<> start();
    // Visits under way are left to be taken up again; returns when all threads have ended.
    void stop();
    [[nodiscard]] VerifierStatistics statistics() const;

    // One host now, in this thread's own loop, with the conversation shown as it happens (`provenbl probe`).
    // Starts sinks of its own unless another process serves them on this store. `ports` may be empty; technique
    // names may be empty for all. The result is the finished scan.
    struct ProbeRequest {
        Address host;
        std::vector<std::uint16_t> ports;
        std::vector<std::string> techniques;
        bool own_sinks = true;
    };
    Result<Scan> probe(const ProbeRequest& request, const std::function<void(std::string_view line)>& show,
                       const std::function<void(const ScanStep&)>& step);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::verifier
