// The UDP path: plain threads, one socket each, batches of messages (recvmmsg, sendmmsg).
//
// A worker owns its socket, its buffers, its recorder, its rate limiter and its reader of snapshots; nothing is shared
// but what is served with (serving.hpp), which answering does not change. A snapshot is taken once for a batch, and so
// is a new configuration.
#pragma once

#include "dnsbl/guard/key_ring.hpp"
#include "dnsbl/serving.hpp"
#include "dnsbl/sockets.hpp"
#include "dnsbl/transfer/mirror_ring.hpp"
#include "zones/follower.hpp"

#include <atomic>
#include <memory>
#include <span>
#include <thread>
#include <vector>

namespace provenbl::dnsbl {

class UdpWorkers {
public:
    // The size of answers is that of `current` at the start.
    UdpWorkers(const CurrentServing& current, const zones::Follower& follower, const guard::KeyRing* keys,
               const transfer::MirrorRing* mirrors);
    ~UdpWorkers(); // stops

    // Before start. A socket that listens on all addresses tells which was asked. One that is `kept` belongs to
    // somebody else as well, who goes on with it when we have stopped.
    void add(Descriptor socket, const Endpoint& endpoint, bool kept);
    void start();
    void stop();
    [[nodiscard]] std::size_t count() const { return workers_.size(); }
    // Whether all of them answer from this generation of `current`, or a later one. An idle one takes a second.
    [[nodiscard]] bool have_taken(std::uint64_t generation) const;

private:
    struct Worker {
        Descriptor socket;
        bool wildcard = false;
        bool kept = false;
        Endpoint endpoint;                   // port 0 where the socket listens on all addresses
        std::size_t place = 0;               // among the recorders
        std::atomic<std::uint64_t> taken{0}; // the generation
        std::thread thread;
    };
    struct Hand;
    void run(Worker& worker);
    // The hot path where it may, else the general one.
    [[nodiscard]] static Outcome answer(const Serving& serving, std::span<const std::uint8_t> message,
                                        const FastQuestion& question, const sockaddr_in6& peer, Asker& asker,
                                        const zones::Snapshot& snapshot, std::span<std::uint8_t> room);

    const CurrentServing& current_;
    const zones::Follower& follower_;
    const std::uint16_t answer_size_;
    const guard::KeyRing* const keys_;
    const transfer::MirrorRing* const mirrors_;
    std::atomic<bool> stopping_{false};
    std::vector<std::unique_ptr<Worker>> workers_;
};

} // namespace provenbl::dnsbl
