// Keeps a resident index equal to the journal, and hands out snapshots of it.
//
// A thread of its own waits for commits (Store::wait_for_change), reads the journal on from where it was,
// and publishes a new Snapshot. Readers keep the one they have until the generation moves, so a query costs
// one atomic load and no lock.
#pragma once

#include "store/store.hpp"
#include "zones/index.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

namespace provenbl::zones {

struct Snapshot {
    Index index;
    std::uint64_t sequence = 0; // of the journal: what the index has seen
    [[nodiscard]] std::uint32_t serial() const { return static_cast<std::uint32_t>(sequence); }
};

class Follower {
public:
    explicit Follower(const Store& store);
    ~Follower();

    // Compiles the index from the store (start-up), then follows until stop.
    void start();
    void stop();

    [[nodiscard]] std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const;
    // Brings the index up to date now, in the caller's thread. For tests, and for tools that don't start a thread.
    void catch_up();

private:
    void run();
    void publish(std::shared_ptr<const Snapshot> next);
    const Store& store_;
    std::atomic<std::uint64_t> generation_{0};
    mutable std::mutex mutex_;
    std::mutex update_mutex_;
    std::shared_ptr<const Snapshot> current_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

// A reader's own copy, refreshed when the generation has moved.
class SnapshotReader {
public:
    explicit SnapshotReader(const Follower& follower) : follower_(follower) {}
    const Snapshot& get() {
        if (const auto now = follower_.generation(); now != seen_ || !held_) {
            seen_ = now;
            held_ = follower_.snapshot();
        }
        return *held_;
    }

private:
    const Follower& follower_;
    std::uint64_t seen_ = 0;
    std::shared_ptr<const Snapshot> held_;
};

} // namespace provenbl::zones
