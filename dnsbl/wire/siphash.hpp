// SipHash-2-4 (Aumasson and Bernstein, 2012) with a result of 64 bits: what RFC 9018 section 4.4 signs cookies with.
//
// Written out because OpenSSL's has to be allocated, and this runs once for every query with a cookie. The result's
// octets are those of the number in little-endian order.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace provenbl::dnsbl::wire {

using SipKey = std::array<std::uint8_t, 16>;

[[nodiscard]] inline std::uint64_t siphash24(const SipKey& key, std::span<const std::uint8_t> data) {
    const auto word = [](const std::uint8_t* bytes, std::size_t count) {
        std::uint64_t value = 0;
        for (std::size_t i = count; i-- > 0;) value = value << 8U | bytes[i];
        return value;
    };
    const auto k0 = word(key.data(), 8);
    const auto k1 = word(key.data() + 8, 8);
    std::uint64_t v0 = k0 ^ 0x736f6d6570736575U;
    std::uint64_t v1 = k1 ^ 0x646f72616e646f6dU;
    std::uint64_t v2 = k0 ^ 0x6c7967656e657261U;
    std::uint64_t v3 = k1 ^ 0x7465646279746573U;
    const auto rounds = [&](int count) {
        while (count-- > 0) {
            v0 += v1;
            v1 = std::rotl(v1, 13) ^ v0;
            v0 = std::rotl(v0, 32);
            v2 += v3;
            v3 = std::rotl(v3, 16) ^ v2;
            v0 += v3;
            v3 = std::rotl(v3, 21) ^ v0;
            v2 += v1;
            v1 = std::rotl(v1, 17) ^ v2;
            v2 = std::rotl(v2, 32);
        }
    };
    const auto absorb = [&](std::uint64_t block) {
        v3 ^= block;
        rounds(2);
        v0 ^= block;
    };
    std::size_t at = 0;
    for (; data.size() - at >= 8; at += 8) absorb(word(data.data() + at, 8));
    absorb(word(data.data() + at, data.size() - at) | static_cast<std::uint64_t>(data.size()) << 56U);
    v2 ^= 0xffU;
    rounds(4);
    return v0 ^ v1 ^ v2 ^ v3;
}

} // namespace provenbl::dnsbl::wire
