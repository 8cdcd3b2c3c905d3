#include "zones/leaf4.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace provenbl::zones {
namespace {

constexpr std::size_t wanted_in_a_bucket = 12;
constexpr std::size_t most_without_directory = 24;

} // namespace

boost::intrusive_ptr<const Leaf4> Leaf4::make(std::span<const Entry4> entries) {
    if (entries.empty()) return nullptr;
    const auto bits =
        entries.size() <= most_without_directory
            ? 0U
            : std::min(most_bits, static_cast<unsigned>(std::bit_width(entries.size() / wanted_in_a_bucket)));
    const auto bucket_count = std::size_t{1} << bits;
    SetBits classes = 0;
    std::array<std::uint32_t, (1U << most_bits) + 1> first{};
    for (const auto& entry : entries) {
        classes |= entry.set;
        ++first[bucket_of(entry.low, bits) + 1];
    }
    std::size_t octets = 0;
    for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
        const auto count = first[bucket + 1];
        first[bucket + 1] += first[bucket];
        octets = std::max(octets, entry_size * first[bucket] + std::max(entry_size * count, readable(count)));
    }
    const auto directory_size = sizeof(std::uint16_t) * (bucket_count + 1);
    auto* const memory = ::operator new(sizeof(Leaf4) + directory_size + octets);
    auto* const leaf = new (memory) Leaf4(static_cast<std::uint8_t>(bits), classes);
    auto* const directory = reinterpret_cast<std::uint8_t*>(leaf + 1);
    for (std::size_t bucket = 0; bucket <= bucket_count; ++bucket) {
        const auto number = static_cast<std::uint16_t>(first[bucket]);
        std::memcpy(directory + sizeof number * bucket, &number, sizeof number);
    }
    auto* const data = directory + directory_size;
    std::memset(data, 0, octets);
    for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
        const auto count = first[bucket + 1] - first[bucket];
        auto* const keys = data + entry_size * first[bucket];
        for (std::size_t at = 0; at < count; ++at) {
            const auto& entry = entries[first[bucket] + at];
            std::memcpy(keys + 2 * at, &entry.low, sizeof entry.low);
            keys[std::size_t{2} * count + at] = entry.set;
        }
    }
    return leaf;
}

std::size_t Leaf4::memory() const {
    std::size_t entries = 0;
    each([&](std::uint16_t, SetBits) {
        ++entries;
        return true;
    });
    return sizeof(Leaf4) + sizeof(std::uint16_t) * ((std::size_t{1} << bits_) + 1) + entry_size * entries;
}

} // namespace provenbl::zones
