// Keeps the table of access keys equal to the store's, also to what another process writes there.
//
// A thread of its own looks four times a second whether a key was made or revoked, which is one read of one counter;
// so a revocation is felt within a second and changes of listings cost nothing here. Trouble with the store keeps the
// last good table.
#pragma once

#include "dnsbl/guard/key_table.hpp"
#include "store/store.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace provenbl::dnsbl::guard {

class KeyRing {
public:
    explicit KeyRing(const Store& store);
    ~KeyRing(); // stops
    KeyRing(const KeyRing&) = delete;
    KeyRing& operator=(const KeyRing&) = delete;

    // Reads the keys, then follows until stop. Throws what the store throws.
    void start();
    void stop();
    // Looks now, in the caller's thread. For tests too.
    void catch_up();

    [[nodiscard]] std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
    // Never null.
    [[nodiscard]] std::shared_ptr<const KeyTable> table() const;
    // What a key in force has used since this process began; null for any other.
    [[nodiscard]] std::shared_ptr<const KeyUsage> usage(std::uint64_t id) const;
    // Why a revocation may not be felt; empty when all is well.
    [[nodiscard]] std::string trouble() const;

private:
    void run();
    const Store& store_;
    std::atomic<std::uint64_t> generation_{0};
    mutable std::mutex mutex_; // guards all that follows
    std::condition_variable wake_;
    bool stopping_ = false;
    std::optional<std::uint64_t> seen_; // the store's version of the keys
    std::map<std::uint64_t, std::shared_ptr<KeyUsage>> usage_;
    std::shared_ptr<const KeyTable> table_;
    std::vector<std::shared_ptr<const KeyTable>> retired_; // until nobody reads them: freed here, never while answering
    std::string trouble_;
    std::thread thread_;
};

// A thread's own copy, refreshed when the generation has moved. Without a ring there are no keys.
class KeyReader {
public:
    explicit KeyReader(const KeyRing* ring) : ring_(ring) {}
    [[nodiscard]] const KeyTable* get() {
        if (ring_ == nullptr) return nullptr;
        if (const auto now = ring_->generation(); now != seen_ || !held_) {
            seen_ = now;
            held_ = ring_->table();
        }
        return held_.get();
    }

private:
    const KeyRing* ring_;
    std::uint64_t seen_ = 0;
    std::shared_ptr<const KeyTable> held_;
};

} // namespace provenbl::dnsbl::guard
