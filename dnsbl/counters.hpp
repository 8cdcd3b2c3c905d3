// What one thread has answered. Each thread writes its own, anybody reads: relaxed, without a locked add.
#pragma once

#include "dnsbl/exchange.hpp"
#include "dnsbl/server.hpp"

#include <atomic>
#include <cstdint>

namespace provenbl::dnsbl {

class alignas(64) Counters {
public:
    // By the owning thread only. Without an answer it is a dropped query.
    void count(const Outcome& outcome) {
        bump(queries_);
        if (outcome.size == 0) {
            bump(dropped_);
            return;
        }
        switch (outcome.rcode) {
        case wire::Rcode::noerror:
            bump(noerror_);
            break;
        case wire::Rcode::nxdomain:
            bump(nxdomain_);
            break;
        case wire::Rcode::refused:
            bump(refused_);
            break;
        case wire::Rcode::formerr:
            bump(formerr_);
            break;
        default:
            break;
        }
    }
    // Adds to the sum; the queries go to `queries`, which tells the transports apart.
    void add_to(ServerStatistics& sum, std::uint64_t& queries) const {
        queries += queries_.load(std::memory_order_relaxed);
        sum.noerror += noerror_.load(std::memory_order_relaxed);
        sum.nxdomain += nxdomain_.load(std::memory_order_relaxed);
        sum.refused += refused_.load(std::memory_order_relaxed);
        sum.formerr += formerr_.load(std::memory_order_relaxed);
        sum.dropped += dropped_.load(std::memory_order_relaxed);
    }

private:
    using Counter = std::atomic<std::uint64_t>;
    static void bump(Counter& counter) {
        counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    Counter queries_{0};
    Counter noerror_{0};
    Counter nxdomain_{0};
    Counter refused_{0};
    Counter formerr_{0};
    Counter dropped_{0};
};

} // namespace provenbl::dnsbl
