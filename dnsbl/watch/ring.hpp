// A bounded queue between one writing and one reading thread, without a lock: full means no.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <vector>

namespace provenbl::dnsbl::watch {

template <class T> class Ring {
public:
    // Room for at least so many.
    explicit Ring(std::size_t capacity) : items_(std::bit_ceil(capacity < 2 ? 2 : capacity)) {}

    // The writer: fill in the item, then publish. Null when it is full.
    [[nodiscard]] T* claim() {
        const auto tail = tail_.load(std::memory_order_relaxed);
        if (tail - seen_head_ == items_.size()) {
            seen_head_ = head_.load(std::memory_order_acquire);
            if (tail - seen_head_ == items_.size()) return nullptr;
        }
        return &items_[tail & (items_.size() - 1)];
    }
    void publish() { tail_.store(tail_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

    // The reader: look, then drop. Null when it is empty.
    [[nodiscard]] const T* front() const {
        const auto head = head_.load(std::memory_order_relaxed);
        return head == tail_.load(std::memory_order_acquire) ? nullptr : &items_[head & (items_.size() - 1)];
    }
    void pop() { head_.store(head_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

private:
    std::vector<T> items_;
    alignas(64) std::atomic<std::size_t> tail_{0}; // the writer's
    std::size_t seen_head_ = 0;
    alignas(64) std::atomic<std::size_t> head_{0}; // the reader's
};

} // namespace provenbl::dnsbl::watch
