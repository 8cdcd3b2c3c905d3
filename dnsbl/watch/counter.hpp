// A number that one thread adds to and any thread reads: relaxed, without a locked add.
#pragma once

#include <atomic>
#include <cstdint>

namespace provenbl::dnsbl::watch {

class Counter {
public:
    // By the owning thread only.
    void add(std::uint64_t count = 1) {
        value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

} // namespace provenbl::dnsbl::watch
