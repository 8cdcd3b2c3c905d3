// The UDP path: plain threads, one socket each, batches of messages (recvmmsg, sendmmsg).
//
// A worker owns its socket, its buffers, its recorder, its rate limiter and its reader of snapshots; nothing is shared
// but the responder, which answering does not change. A snapshot is taken once for a batch.
#pragma once

#include "dnsbl/fast_path.hpp"
#include "dnsbl/guard/key_ring.hpp"
#include "dnsbl/guard/rate_limit.hpp"
#include "dnsbl/responder.hpp"
#include "dnsbl/sockets.hpp"
#include "dnsbl/transfer/desk.hpp"
#include "dnsbl/transfer/mirror_ring.hpp"
#include "dnsbl/watch/watch.hpp"
#include "zones/follower.hpp"

#include <atomic>
#include <memory>
#include <span>
#include <thread>
#include <vector>

namespace provenbl::dnsbl {

class UdpWorkers {
public:
    UdpWorkers(const Responder& responder, const zones::Follower& follower, std::uint16_t answer_size,
               guard::RateLimitSettings rate_limit, Entropy& entropy, const guard::KeyRing* keys,
               const transfer::MirrorRing* mirrors, const transfer::Desk& desk, watch::Watch& watch);
    ~UdpWorkers(); // stops

    // Before start. A socket that listens on all addresses tells which was asked.
    void add(Descriptor socket, const Endpoint& endpoint);
    void start();
    void stop();

private:
    struct Worker {
        Descriptor socket;
        bool wildcard = false;
        Endpoint endpoint; // port 0 where the socket listens on all addresses
        watch::Recorder* recorder = nullptr;
        std::unique_ptr<guard::RateLimiter> limiter;
        std::thread thread;
    };
    void run(Worker& worker);
    // The hot path where it may, else the general one.
    [[nodiscard]] Outcome answer(std::span<const std::uint8_t> message, const FastQuestion& question,
                                 const sockaddr_in6& peer, Asker& asker, const zones::Snapshot& snapshot,
                                 std::span<std::uint8_t> room) const;

    const Responder& responder_;
    const FastPath fast_path_; // asked first
    const zones::Follower& follower_;
    const std::uint16_t answer_size_;
    const guard::RateLimitSettings rate_limit_;
    Entropy& entropy_; // of whoever calls add
    const guard::KeyRing* const keys_;
    const transfer::MirrorRing* const mirrors_;
    const transfer::Desk& desk_;
    watch::Watch& watch_;
    std::atomic<bool> stopping_{false};
    std::vector<std::unique_ptr<Worker>> workers_;
};

} // namespace provenbl::dnsbl
