// All that sees the answers go by: the threads' recorders, and what is made of them. Owned by the server, outlives
// its threads.
#pragma once

#include "dnsbl/watch/recorder.hpp"
#include "dnsbl/watch/statistics.hpp"
#include "zones/zone.hpp"

#include <deque>
#include <span>
#include <string>
#include <vector>

namespace provenbl::dnsbl::watch {

class Watch {
public:
    // `zones` as the answers number them (Outcome::zone).
    explicit Watch(std::span<const zones::Zone> zones);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // For one thread, before any of them runs.
    [[nodiscard]] Recorder& add_recorder(Transport transport);
    // Any thread, any time.
    [[nodiscard]] ServerStatistics statistics() const;

private:
    std::vector<std::string> apexes_;
    std::deque<Recorder> recorders_;
};

} // namespace provenbl::dnsbl::watch
