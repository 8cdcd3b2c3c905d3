// The listed addresses of one /16, never changed once made: the leaf of the IPv4 index.
//
// One piece of memory: a small header, a directory, and the entries in buckets by their upper bits, a dozen to a
// bucket. A bucket is its keys (the lower 16 bits), ascending, and then their class sets; so a look-up touches the
// directory and one or two cache lines, whether the address is listed or not. About 3.2 bytes an entry.
#pragma once

#include "zones/class_totals.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstdint>
#include <cstring>
#include <span>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace provenbl::zones {

struct Entry4 {
    std::uint16_t low = 0; // of the address
    SetBits set = 0;       // not 0
};

class Leaf4 : public boost::intrusive_ref_counter<Leaf4, boost::thread_safe_counter> {
public:
    // Entries ascend strictly. Null when there are none.
    static boost::intrusive_ptr<const Leaf4> make(std::span<const Entry4> entries);
    static void operator delete(void* memory) { ::operator delete(memory); } // it was made larger than it says

    // The binary logarithm of the number of buckets. The tree keeps a copy beside its pointer: with it, a look-up goes
    // straight to the directory.
    [[nodiscard]] std::uint8_t bucket_bits() const { return bits_; }
    [[nodiscard]] SetBits classes() const { return classes_; } // of all entries

    void prefetch_directory(std::uint16_t low, unsigned bits) const {
        __builtin_prefetch(directory() + bucket_of(low, bits));
    }
    void prefetch_bucket(std::uint16_t low, unsigned bits) const {
        const auto* const at = buckets(bits) + entry_size * directory()[bucket_of(low, bits)];
        __builtin_prefetch(at);
        __builtin_prefetch(at + 63);
    }
    // 0 when it is not listed. `bits` is bucket_bits().
    [[nodiscard]] SetBits find(std::uint16_t low, unsigned bits) const {
        const auto* const entry = directory() + bucket_of(low, bits);
        const unsigned count = static_cast<std::uint16_t>(entry[1] - entry[0]);
        const auto* const keys = buckets(bits) + entry_size * entry[0];
        const auto at = search(keys, count, low);
        return at < count ? keys[2 * count + at] : SetBits{0};
    }
    // visit(low, set), in order; returns at the first false.
    template <class Visit> bool each(Visit&& visit) const { return each_within(0, 0xffff, visit); }
    // The same from `first` to `last`.
    template <class Visit> bool each_within(std::uint16_t first, std::uint16_t last, Visit&& visit) const {
        for (unsigned bucket = bucket_of(first, bits_); bucket <= bucket_of(last, bits_); ++bucket) {
            const auto* const entry = directory() + bucket;
            const unsigned count = static_cast<std::uint16_t>(entry[1] - entry[0]);
            const auto* const keys = buckets(bits_) + entry_size * entry[0];
            for (unsigned at = 0; at < count; ++at) {
                const auto key = key_at(keys, at);
                if (key >= first && key <= last && !visit(key, keys[2 * count + at])) return false;
            }
        }
        return true;
    }
    [[nodiscard]] std::size_t memory() const;

private:
    static constexpr std::size_t entry_size = 3;
    static constexpr unsigned most_bits = 8; // a bucket for each /24

    Leaf4(std::uint8_t bits, SetBits classes) : bits_(bits), classes_(classes) {}
    [[nodiscard]] const std::uint16_t* directory() const { return reinterpret_cast<const std::uint16_t*>(this + 1); }
    [[nodiscard]] const std::uint8_t* buckets(unsigned bits) const {
        return reinterpret_cast<const std::uint8_t*>(directory() + (std::size_t{1} << bits) + 1);
    }
    static unsigned bucket_of(std::uint16_t low, unsigned bits) { return static_cast<unsigned>(low) >> (16U - bits); }
    static std::uint16_t key_at(const std::uint8_t* keys, std::size_t at) {
        std::uint16_t key = 0;
        std::memcpy(&key, keys + 2 * at, sizeof key);
        return key;
    }
    // Octets that a search may look at, which can be more than the bucket has.
    static std::size_t readable(std::size_t count) { return (count + 7) / 8 * 16; }

    // The key's place; `count` or more when it is not there.
    static unsigned search(const std::uint8_t* keys, unsigned count, std::uint16_t key) {
        constexpr unsigned few = 32;
        unsigned first = 0;
        unsigned left = count;
        while (left > few) { // a full /24, as a rule
            const unsigned half = left / 2;
            first = key_at(keys, first + half) <= key ? first + half : first;
            left -= half;
        }
#if defined(__SSE2__)
        const auto wanted = _mm_set1_epi16(static_cast<short>(key));
        for (unsigned at = first; at < first + left; at += 8) {
            const auto eight =
                _mm_loadu_si128(reinterpret_cast<const __m128i*>(keys + 2 * static_cast<std::size_t>(at)));
            const auto same = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi16(eight, wanted)));
            if (same != 0) return at + static_cast<unsigned>(__builtin_ctz(same)) / 2;
        }
#else
        for (unsigned at = first; at < first + left; ++at) {
            if (key_at(keys, at) == key) return at;
        }
#endif
        return count;
    }

    std::uint8_t bits_;
    SetBits classes_;
    // Behind it: the directory (2^bits + 1 numbers of the first entry, modulo 65536) and the buckets.
};

} // namespace provenbl::zones
