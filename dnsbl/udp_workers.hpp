// The UDP path: plain threads, one socket each, batches of messages (recvmmsg, sendmmsg).
//
// A worker owns its socket, its buffers, its counters and its reader of snapshots; nothing is shared but the
// responder, which answering does not change. A snapshot is taken once for a batch.
#pragma once

#include "dnsbl/counters.hpp"
#include "dnsbl/fast_path.hpp"
#include "dnsbl/responder.hpp"
#include "dnsbl/sockets.hpp"
#include "zones/follower.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace provenbl::dnsbl {

class UdpWorkers {
public:
    UdpWorkers(const Responder& responder, const zones::Follower& follower, std::uint16_t answer_size);
    ~UdpWorkers(); // stops

    // Before start. `wildcard`: the socket listens on all addresses and tells which was asked.
    void add(Descriptor socket, bool wildcard);
    void start();
    void stop();
    void add_to(ServerStatistics& sum) const;

private:
    struct Worker {
        Descriptor socket;
        bool wildcard = false;
        Counters counters;
        std::thread thread;
    };
    void run(Worker& worker);

    const Responder& responder_;
    const FastPath fast_path_; // asked first
    const zones::Follower& follower_;
    const std::uint16_t answer_size_;
    Descriptor stop_event_;
    std::atomic<bool> stopping_{false};
    std::vector<std::unique_ptr<Worker>> workers_;
};

} // namespace provenbl::dnsbl
