// The UDP path: plain threads, one socket each, batches of messages (recvmmsg, sendmmsg).
//
// A worker owns its socket, its buffers, its recorder and its reader of snapshots; nothing is shared but the
// responder, which answering does not change. A snapshot is taken once for a batch.
#pragma once

#include "dnsbl/fast_path.hpp"
#include "dnsbl/responder.hpp"
#include "dnsbl/sockets.hpp"
#include "dnsbl/watch/watch.hpp"
#include "zones/follower.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace provenbl::dnsbl {

class UdpWorkers {
public:
    UdpWorkers(const Responder& responder, const zones::Follower& follower, std::uint16_t answer_size,
               watch::Watch& watch);
    ~UdpWorkers(); // stops

    // Before start. `wildcard`: the socket listens on all addresses and tells which was asked.
    void add(Descriptor socket, bool wildcard);
    void start();
    void stop();

private:
    struct Worker {
        Descriptor socket;
        bool wildcard = false;
        watch::Recorder* recorder = nullptr;
        std::thread thread;
    };
    void run(Worker& worker);

    const Responder& responder_;
    const FastPath fast_path_; // asked first
    const zones::Follower& follower_;
    const std::uint16_t answer_size_;
    watch::Watch& watch_;
    Descriptor stop_event_;
    std::atomic<bool> stopping_{false};
    std::vector<std::unique_ptr<Worker>> workers_;
};

} // namespace provenbl::dnsbl
