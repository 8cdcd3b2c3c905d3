// The query log: threads put samples of what they answered into a ring each, one more thread writes them out.
//
// A thread that answers never waits for the log: where its ring is full, the record is dropped and counted, and the
// log says how many are missing. A full disk, a rotated file and a file that can't be opened are outlived.
#pragma once

#include "dnsbl/watch/counter.hpp"
#include "dnsbl/watch/log_file.hpp"
#include "dnsbl/watch/query_record.hpp"
#include "dnsbl/watch/ring.hpp"
#include "dnsbl/watch/sampler.hpp"
#include "dnsbl/watch/settings.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace provenbl::dnsbl::watch {

class QueryLog {
public:
    // One thread's way in.
    class Lane {
    public:
        Lane(const QueryLogSettings& settings, std::uint64_t seed)
            : only_(settings.only), sampler_(settings.sample, seed), ring_(settings.queue) {}
        void offer(const Observation& seen) {
            if (!wanted(seen.outcome) || !sampler_.take()) return;
            auto* const record = ring_.claim();
            if (record == nullptr) {
                dropped_.add();
                return;
            }
            fill(*record, seen);
            ring_.publish();
        }

    private:
        friend class QueryLog;
        [[nodiscard]] bool wanted(const Outcome& outcome) const;
        const Only only_;
        Sampler sampler_;
        Ring<QueryRecord> ring_;
        Counter dropped_;
    };

    // `zones`: their apexes, by Outcome::zone.
    QueryLog(QueryLogSettings settings, std::vector<std::string> zones, std::uint64_t seed);
    ~QueryLog(); // stops
    QueryLog(const QueryLog&) = delete;
    QueryLog& operator=(const QueryLog&) = delete;

    [[nodiscard]] Lane& add_lane(); // before start
    void start();
    void stop(); // writes what waits, as far as the disk takes it

    // Writes what waits. By the log's own thread; or by a test that has not started it.
    void drain(WallTime now);

    // Lines, those about gaps too.
    [[nodiscard]] std::uint64_t written() const { return written_.get(); }
    [[nodiscard]] std::uint64_t dropped() const;

private:
    void run();
    [[nodiscard]] bool ready();
    [[nodiscard]] bool flush();
    void tell_of_gap(WallTime now);
    void say_failed(const Error& error);

    const QueryLogSettings settings_;
    const std::vector<std::string> zones_;
    const std::uint64_t seed_;
    std::deque<Lane> lanes_;
    // The writing thread's.
    LogFile file_;
    std::string pending_; // text that the file has not taken yet
    bool torn_ = false;   // pending_ begins inside a line
    std::uint64_t told_dropped_ = 0;
    bool failing_ = false;
    Counter written_;

    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace provenbl::dnsbl::watch
