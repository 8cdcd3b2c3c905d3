// Keeps a resident index equal to the journal, and hands out snapshots of it.
//
// A thread of its own waits for commits (Store::wait_for_change), reads the journal on from where it was,
// and publishes a new Snapshot. Readers keep the one they have until the generation moves, so a query costs
// one atomic load and no lock.
// What a snapshot no longer needs is freed by the follower alone, never by a reader: a worker is not held up by it.
// Trouble with the store (a full reader table, a file that can't be read) keeps the last good snapshot.
#pragma once

#include "store/store.hpp"
#include "zones/snapshot.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace provenbl::zones {

class Follower {
public:
    explicit Follower(const Store& store);
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    // Compiles the index from the store (start-up), then follows until stop.
    void start();
    void stop();

    [[nodiscard]] std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
    // Never null; empty before start or catch_up.
    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const;
    // Brings the index up to date now, in the caller's thread. For tests, and for tools that don't start a thread.
    // Throws what the store throws.
    void catch_up();
    // Why the index may lag behind the store; empty when all is well.
    [[nodiscard]] std::string trouble() const;
    // What is followed: for whoever has to read on where a snapshot ends.
    [[nodiscard]] const Store& store() const { return store_; }

private:
    void run();
    void publish(std::shared_ptr<const Snapshot> next);
    [[nodiscard]] static std::shared_ptr<Snapshot> begin(const ReadTxn& txn);
    [[nodiscard]] static std::shared_ptr<const Snapshot> shut_down(const ReadTxn& txn, std::uint64_t sequence);
    [[nodiscard]] std::shared_ptr<const Snapshot> compile(const ReadTxn& txn) const;
    [[nodiscard]] std::shared_ptr<const Snapshot> advance(const ReadTxn& txn, const Snapshot& from) const;
    void free_retired();
    const Store& store_;
    std::atomic<std::uint64_t> generation_{0};
    mutable std::mutex mutex_; // guards current_ and trouble_
    std::mutex update_mutex_;  // one update at a time; guards compiled_ and retired_
    std::shared_ptr<const Snapshot> current_;
    std::string trouble_;
    bool compiled_ = false;
    std::vector<std::shared_ptr<const Snapshot>> retired_; // until their last reader has let go
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
    // The same, for who needs it longer than until the next look.
    [[nodiscard]] std::shared_ptr<const Snapshot> share() {
        get();
        return held_;
    }

private:
    const Follower& follower_;
    std::uint64_t seen_ = 0;
    std::shared_ptr<const Snapshot> held_;
};

} // namespace provenbl::zones
