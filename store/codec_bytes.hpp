// Numbers and long texts as the codec writes them. Inside the codec only.
//
// A number is a varint: seven bits a byte, the lowest first, the high bit set in all but the last. A text is "-" and
// itself, or "z" and a zstd frame where that is shorter.
#pragma once

#include "store/codec.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace provenbl::codec {

inline void append_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) out += static_cast<char>(value | 0x80U);
    out += static_cast<char>(value);
}

// Throws CorruptRecord.
[[nodiscard]] inline std::uint64_t take_varint(std::string_view& in) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (in.empty()) throw CorruptRecord("a number in a stored record is cut short");
        const auto byte = static_cast<std::uint8_t>(in.front());
        in.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if ((byte & 0x80U) == 0) return value;
    }
    throw CorruptRecord("a number in a stored record is too long");
}

[[nodiscard]] std::string pack(std::string_view text);
// Throws CorruptRecord.
[[nodiscard]] std::string unpack(std::string_view bytes);

} // namespace provenbl::codec
