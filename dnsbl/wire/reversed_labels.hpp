// Reversed addresses read straight from a packet: RFC 5782 sections 2.1 (four octets) and 2.4 (32 nibbles).
//
// For the hot path: no branch on what the labels hold but one at the end, nothing copied. As strict as zones/name_tree:
// "02" is no octet, 256 is none. The caller vouches that the octets named below can be read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace provenbl::dnsbl::wire {

struct ReversedOctets {
    static constexpr std::size_t readable = 16; // octets that `read` may look at
    static constexpr std::size_t shortest = 8;  // of one digit each: may be nibbles as well

    std::uint32_t address = 0; // host order
    std::size_t size = 0;      // of the four labels

    // False when there are not four labels that are octets.
    bool read(const std::uint8_t* labels) {
        std::uint32_t wrong = 0;
        address = 0;
        size = 0;
        for (unsigned i = 0; i < 4; ++i) {
            std::uint32_t word = 0; // a length and three characters
            std::memcpy(&word, labels + size, sizeof word);
            word = from_little(word);
            const std::uint32_t length = word & 0xffU;
            wrong |= (length - 1U) & ~3U; // 1, 2, 3; 4 is caught below
            wrong |= length & 4U;
            // To the top, so that the last digit comes to lie in the highest octet, with zeros before the first.
            const unsigned shift = 8U * (3U - (length & 3U));
            const std::uint32_t used = 0xffffff00U << shift;
            // Exclusive-or maps '0'..'9', and nothing else, to 0..9.
            const std::uint32_t digits = ((word & 0xffffff00U) << shift) ^ (used & 0x30303000U);
            wrong |= (digits | (digits + 0x76767600U)) & 0x80808000U;
            const std::uint32_t value = (digits >> 8U & 0xffU) * 100 + (digits >> 16U & 0xffU) * 10 + (digits >> 24U);
            wrong |= static_cast<std::uint32_t>(value > 255) | static_cast<std::uint32_t>(value < least[length & 3U]);
            address |= (value & 0xffU) << (8U * i); // the least significant comes first
            size += 1 + (length & 3U);
        }
        return wrong == 0;
    }

private:
    // Of a number of so many digits: no leading zeros.
    static constexpr std::array<std::uint32_t, 4> least{0, 0, 10, 100};
    static std::uint32_t from_little(std::uint32_t word) {
        if constexpr (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) return __builtin_bswap32(word);
        return word;
    }
};

struct ReversedNibbles {
    static constexpr std::size_t count = 32;
    static constexpr std::size_t size = 2 * count; // octets that `read` looks at

    std::uint64_t high = 0; // the address, in host order
    std::uint64_t low = 0;

    // False when there are not 32 labels of one hexadecimal digit each, of whatever case.
    bool read(const std::uint8_t* labels) {
        unsigned wrong = 0;
        const auto half = [&](const std::uint8_t* at) {
            std::uint64_t value = 0;
            for (unsigned i = 0; i < count / 2; ++i) {
                const unsigned nibble = nibbles[at[2 * i + 1]];
                wrong |= (at[2 * i] ^ 1U) | (nibble & 0xf0U);
                value |= std::uint64_t{nibble & 0xfU} << (4U * i);
            }
            return value;
        };
        low = half(labels);
        high = half(labels + count);
        return wrong == 0;
    }

private:
    static constexpr std::array<std::uint8_t, 256> nibbles = [] {
        std::array<std::uint8_t, 256> table{};
        table.fill(0xff);
        for (unsigned i = 0; i < 10; ++i) table['0' + i] = static_cast<std::uint8_t>(i);
        for (unsigned i = 0; i < 6; ++i) table['a' + i] = table['A' + i] = static_cast<std::uint8_t>(10 + i);
        return table;
    }();
};

} // namespace provenbl::dnsbl::wire
