// All that sees the answers go by: the threads' recorders, and what is made of them. Owned by the server, outlives
// its threads.
#pragma once

#include "dnsbl/watch/dnstap.hpp"
#include "dnsbl/watch/query_log.hpp"
#include "dnsbl/watch/recorder.hpp"
#include "dnsbl/watch/settings.hpp"
#include "dnsbl/watch/statistics.hpp"
#include "zones/zone.hpp"

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace provenbl::dnsbl::watch {

class Watch {
public:
    // `zones` as the answers number them (Outcome::zone). `seed`: for what is sampled.
    Watch(std::span<const zones::Zone> zones, const WatchSettings& settings, std::uint64_t seed);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // For one thread, before any of them runs.
    [[nodiscard]] Recorder& add_recorder(Transport transport);
    // After the last recorder was added, and before the threads that use them.
    void start();
    // When these threads have ended: what waits is written.
    void stop();
    // Any thread, any time.
    [[nodiscard]] ServerStatistics statistics() const;

private:
    std::vector<std::string> apexes_;
    std::optional<QueryLog> log_;
    std::optional<Dnstap> tap_;
    std::deque<Recorder> recorders_;
};

} // namespace provenbl::dnsbl::watch
