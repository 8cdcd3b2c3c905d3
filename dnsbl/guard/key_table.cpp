#include "dnsbl/guard/key_table.hpp"

#include <algorithm>

namespace provenbl::dnsbl::guard {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr unsigned count_bits = 44; // of a day's queries; what is left of the word holds days until the year 4800
constexpr std::uint64_t count_mask = (std::uint64_t{1} << count_bits) - 1;

std::uint64_t day_of(Time now) {
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::days>(now).time_since_epoch().count());
}

} // namespace

bool KeyUsage::spend(std::uint32_t per_second, std::uint64_t per_day, Time now) {
    const bool enough = spend_second(per_second, now) && spend_day(per_day, now);
    (enough ? answered_ : refused_).fetch_add(1, std::memory_order_relaxed);
    return enough;
}

bool KeyUsage::spend_second(std::uint32_t per_second, Time now) {
    if (per_second == 0) return true;
    const auto cost = std::max<std::uint64_t>(second / per_second, 1);
    const auto at = static_cast<std::uint64_t>(std::chrono::nanoseconds(now.time_since_epoch()).count());
    auto paid = paid_until_.load(std::memory_order_relaxed);
    std::uint64_t next = 0;
    do {
        // Further ahead than queries can have brought it: the clock went back.
        const auto from = paid < at || paid > at + second + cost ? at : paid;
        next = from + cost;
        if (next > at + second) return false;
    } while (!paid_until_.compare_exchange_weak(paid, next, std::memory_order_relaxed));
    return true;
}

bool KeyUsage::spend_day(std::uint64_t per_day, Time now) {
    const auto today = day_of(now) << count_bits;
    auto seen = day_.load(std::memory_order_relaxed);
    std::uint64_t next = 0;
    do {
        const auto used = (seen & ~count_mask) == today ? seen & count_mask : 0;
        if (used == count_mask || (per_day != 0 && used >= per_day)) return false;
        next = today | (used + 1);
    } while (!day_.compare_exchange_weak(seen, next, std::memory_order_relaxed));
    return true;
}

std::uint64_t KeyUsage::today(Time now) const {
    const auto seen = day_.load(std::memory_order_relaxed);
    return seen >> count_bits == day_of(now) ? seen & count_mask : 0;
}

KeyTable::KeyTable(std::vector<KeyEntry> entries) : entries_(std::move(entries)) {
    std::sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) { return a.hash < b.hash; });
}

const KeyEntry* KeyTable::find(std::span<const std::uint8_t> label) const {
    if (entries_.empty() || !access_keys::is_label(label)) return nullptr;
    const auto hash = access_keys::hash_label(label);
    const auto at =
        std::lower_bound(entries_.begin(), entries_.end(), hash,
                         [](const KeyEntry& entry, const LabelHash& wanted) { return entry.hash < wanted; });
    return at == entries_.end() || at->hash != hash ? nullptr : &*at;
}

} // namespace provenbl::dnsbl::guard
