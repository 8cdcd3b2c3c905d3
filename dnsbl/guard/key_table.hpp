// The access keys in force, as a thread that answers sees them: found by their label, spent by a query.
//
// A table never changes; a new one takes its place when a key is made or revoked (key_ring.hpp). What a key has used is
// shared by all tables and threads, so that a new table forgets nothing. It is kept in memory: a restart begins the
// day's count anew.
#pragma once

#include "store/access_keys.hpp"
#include "store/clock.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace provenbl::dnsbl::guard {

// What a key has used. Any thread may spend.
class KeyUsage {
public:
    // Takes one query of the quota; false when it is used up (a second's worth may be asked at once; days are those of
    // UTC). 0 is no limit.
    [[nodiscard]] bool spend(std::uint32_t per_second, std::uint64_t per_day, Time now);
    [[nodiscard]] std::uint64_t today(Time now) const;
    [[nodiscard]] std::uint64_t answered() const { return answered_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

private:
    [[nodiscard]] bool spend_second(std::uint32_t per_second, Time now);
    [[nodiscard]] bool spend_day(std::uint64_t per_day, Time now);
    std::atomic<std::uint64_t> paid_until_{0}; // nanoseconds; all that was answered is paid for then
    std::atomic<std::uint64_t> day_{0};        // the day's number in the upper bits, and what it used
    std::atomic<std::uint64_t> answered_{0};
    std::atomic<std::uint64_t> refused_{0};
};

struct KeyEntry {
    LabelHash hash{};
    std::uint64_t id = 0;
    std::uint32_t per_second = 0;
    std::uint64_t per_day = 0;
    std::shared_ptr<KeyUsage> usage;

    [[nodiscard]] bool spend(Time now) const { return usage->spend(per_second, per_day, now); }
};

class KeyTable {
public:
    KeyTable() = default;
    explicit KeyTable(std::vector<KeyEntry> entries);

    // The key whose label this is, in lower case; null when it is none of ours.
    [[nodiscard]] const KeyEntry* find(std::span<const std::uint8_t> label) const;
    [[nodiscard]] bool empty() const { return entries_.empty(); }

private:
    std::vector<KeyEntry> entries_; // by hash
};

} // namespace provenbl::dnsbl::guard
