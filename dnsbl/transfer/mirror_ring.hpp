// Keeps TransferAccess equal to the store's mirrors, also to what another process writes there.
//
// A thread of its own looks four times a second whether a mirror came or went, which is one read of one counter.
// Trouble with the store keeps the last good table.
#pragma once

#include "dnsbl/transfer/access.hpp"
#include "store/store.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace provenbl::dnsbl::transfer {

class MirrorRing {
public:
    MirrorRing(const Store& store, std::vector<Prefix> allow_unsigned, bool require_tls = false);
    ~MirrorRing(); // stops
    MirrorRing(const MirrorRing&) = delete;
    MirrorRing& operator=(const MirrorRing&) = delete;

    // Reads the mirrors, then follows until stop. Throws what the store throws.
    void start();
    void stop();
    // Looks now, in the caller's thread. For tests too.
    void catch_up();

    [[nodiscard]] std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
    // Never null.
    [[nodiscard]] std::shared_ptr<const TransferAccess> access() const;
    // Why a removal may not be felt, or which mirror can't be used; empty when all is well.
    [[nodiscard]] std::string trouble() const;

private:
    void run();
    const Store& store_;
    const std::vector<Prefix> allow_unsigned_;
    const bool require_tls_;
    std::atomic<std::uint64_t> generation_{0};
    mutable std::mutex mutex_; // guards all that follows
    std::condition_variable wake_;
    bool stopping_ = false;
    std::optional<std::uint64_t> seen_; // the store's version of the mirrors
    std::shared_ptr<const TransferAccess> access_;
    std::string unusable_;
    std::string trouble_;
    std::thread thread_;
};

// A thread's own copy, refreshed when the generation has moved. Without a ring nobody may transfer.
class AccessReader {
public:
    explicit AccessReader(const MirrorRing* ring) : ring_(ring) {}
    [[nodiscard]] const TransferAccess* get() {
        if (ring_ == nullptr) return nullptr;
        if (const auto now = ring_->generation(); now != seen_ || !held_) {
            seen_ = now;
            held_ = ring_->access();
        }
        return held_.get();
    }
    // What `get` last gave, for who works with it longer than one message takes.
    [[nodiscard]] const std::shared_ptr<const TransferAccess>& held() const { return held_; }

private:
    const MirrorRing* ring_;
    std::uint64_t seen_ = 0;
    std::shared_ptr<const TransferAccess> held_;
};

} // namespace provenbl::dnsbl::transfer
