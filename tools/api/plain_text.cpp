#include "tools/api/plain_text.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace provenbl::tools::api {
namespace {

struct Character {
    std::uint32_t code = 0;
    std::size_t length = 0; // 0: these bytes are no UTF-8
};

// The first character (RFC 3629): neither overlong, nor a surrogate, nor beyond U+10FFFF.
Character first_character(std::string_view bytes) {
    const auto first = static_cast<unsigned char>(bytes[0]);
    if (first < 0x80) return {first, 1};
    const std::size_t length = first >= 0xc2 && first < 0xe0   ? 2
                               : first >= 0xe0 && first < 0xf0 ? 3
                               : first >= 0xf0 && first < 0xf5 ? 4
                                                               : 0;
    if (length == 0 || length > bytes.size()) return {};
    std::uint32_t code = first & (0xffU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
        const auto next = static_cast<unsigned char>(bytes[k]);
        if ((next & 0xc0U) != 0x80) return {};
        code = code << 6U | (next & 0x3fU);
    }
    const std::uint32_t least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
    if (code < least || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return {};
    return {code, length};
}

bool is_obeyed(std::uint32_t code) {
    if (code == '\t' || code == '\n' || code == '\r') return false;
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

} // namespace

std::string as_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const auto [code, length] = first_character(bytes);
        if (length == 0)
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[0]));
        else if (!is_obeyed(code))
            text += bytes.substr(0, length);
        else if (code < 0x100)
            text += fmt::format("\\x{:02x}", code);
        else
            text += fmt::format("\\u{{{:x}}}", code);
        bytes.remove_prefix(length == 0 ? 1 : length);
    }
    return text;
}

bool is_plain(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto [code, length] = first_character(bytes);
        if (length == 0 || is_obeyed(code)) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

} // namespace provenbl::tools::api
