// What one thread writes down of its answers: one addition a query, no lock, no allocation, nothing shared.
//
// The thread calls `count` for each message, and `took` once for all that were received together: times are
// arguments, read twice a batch. Where somebody looks on (query log, dnstap), it shows each message once the answers
// have been sent. Any thread may call add_to meanwhile.
#pragma once

#include "dnsbl/exchange.hpp"
#include "dnsbl/watch/counter.hpp"
#include "dnsbl/watch/dnstap.hpp"
#include "dnsbl/watch/kinds.hpp"
#include "dnsbl/watch/latency.hpp"
#include "dnsbl/watch/query_log.hpp"
#include "dnsbl/watch/statistics.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>

namespace provenbl::dnsbl::watch {

class alignas(64) Recorder {
public:
    Recorder(Transport transport, std::size_t zones);

    // Without an answer it is a dropped message.
    void count(const Outcome& outcome) {
        if (outcome.size == 0) [[unlikely]] {
            drops_[static_cast<std::size_t>(outcome.drop)].add();
            return;
        }
        cells_[cell(outcome)].add();
        if (outcome.truncated) [[unlikely]]
            truncated_.add();
    }
    // From their arrival until the answers were on their way.
    void took(std::chrono::nanoseconds time, std::size_t answers) {
        if (answers > 0) latency_.add(time, answers);
    }

    // Whether observe does anything.
    [[nodiscard]] bool watched() const { return log_ != nullptr || tap_ != nullptr; }
    void observe(const Observation& seen) {
        if (log_ != nullptr) log_->offer(seen);
        if (tap_ != nullptr) tap_->offer(seen);
    }
    void show_to(QueryLog::Lane& log) { log_ = &log; }
    void show_to(Dnstap::Lane& tap) { tap_ = &tap; }

    // `sum.zones` has an item for each zone, and one more.
    void add_to(ServerStatistics& sum) const;

private:
    static constexpr std::size_t row = type_names.size() * result_names.size();
    [[nodiscard]] std::size_t cell(const Outcome& outcome) const {
        const auto zone = outcome.zone < zones_ ? outcome.zone : zones_;
        return zone * row + static_cast<std::size_t>(kind_of(outcome.type)) * result_names.size() +
               static_cast<std::size_t>(result_of(outcome));
    }

    const Transport transport_;
    const std::size_t zones_;
    const std::unique_ptr<Counter[]> cells_; // zone, then type, then result
    QueryLog::Lane* log_ = nullptr;
    Dnstap::Lane* tap_ = nullptr;
    Counter truncated_;
    std::array<Counter, drop_names.size()> drops_;
    LatencyRecord latency_;
};

} // namespace provenbl::dnsbl::watch
