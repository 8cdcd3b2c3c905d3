// What lines are made of: each function takes the beginning of the text away and says what it was, or nothing and then
// the text is of no more use. Pure, no allocation but for names.
//
// Space is a blank or a tab; a comment begins with '#' or ';' (rbldnsd(8), "Dataset types and formats").
#pragma once

#include "zones/static/range_map.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace provenbl::zones::statics {

[[nodiscard]] constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_space(char c) {
    return c == ' ' || c == '\t';
}
[[nodiscard]] constexpr bool is_comment(char c) {
    return c == '#' || c == ';';
}
inline void skip_space(std::string_view& text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}
// An entry ends here: at the end, a blank, a comment or a value.
[[nodiscard]] inline bool at_entry_end(std::string_view text) {
    return text.empty() || is_space(text.front()) || is_comment(text.front()) || text.front() == ':';
}
// Nothing follows, or a comment.
[[nodiscard]] inline bool at_line_end(std::string_view text) {
    return text.empty() || is_comment(text.front());
}

// Up to the next space, and the space; empty at the end.
[[nodiscard]] std::string_view take_word(std::string_view& text);

// A decimal number of at most `most`; nothing else is taken.
[[nodiscard]] std::optional<std::uint32_t> take_number(std::string_view& text, std::uint32_t most = 0xffffffff);
// Seconds, "30", "5m", "2h", "1w"; with the space behind.
[[nodiscard]] std::optional<std::uint32_t> take_time(std::string_view& text);
// "2026:11:28", "2026-11-28:04:05", "20261128"; 0 for "0" and "-". Seconds since 1970; with the space behind.
[[nodiscard]] std::optional<std::int64_t> take_timestamp(std::string_view& text);

// One to four octets with dots between; they come first in `address`. How many there were.
[[nodiscard]] std::optional<unsigned> take_octets(std::string_view& text, Key4& address);

struct Range4 {
    Key4 first = 0;
    Key4 last = 0;
    unsigned bits = 32; // of a prefix; 32 of a range
};
// "127.0.0.0/24", "127.0.0", "127-127.0.0", "127.0.0.1-255" ...: whatever ip4set takes. Host bits are not looked at.
[[nodiscard]] std::optional<Range4> take_range4(std::string_view& text);
// The same without ranges: ip4trie.
[[nodiscard]] std::optional<Range4> take_prefix4(std::string_view& text);

struct Words6 {
    Key6 address = 0;
    unsigned bits = 0; // 16 for each group that was written; 128 with "::"
};
// "2001:db8:1", "2001:db8::", "::1".
[[nodiscard]] std::optional<Words6> take_words6(std::string_view& text);
// The same with "/length" or what the groups say; a single group alone is no prefix.
[[nodiscard]] std::optional<Words6> take_prefix6(std::string_view& text);

[[nodiscard]] constexpr Key4 mask4(unsigned bits) {
    return bits == 0 ? 0 : ~Key4{0} << (32U - bits);
}
[[nodiscard]] constexpr Key6 mask6(unsigned bits) {
    return bits == 0 ? 0 : ~Key6{0} << (128U - bits);
}

[[nodiscard]] std::string text_of(Key4 address);
[[nodiscard]] std::string text_of(Key6 address); // RFC 5952; never with dots

} // namespace provenbl::zones::statics
