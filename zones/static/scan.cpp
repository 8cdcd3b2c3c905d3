#include "zones/static/scan.hpp"

#include "store/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace provenbl::zones::statics {
namespace {

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

// `width` digits at most, and one delimiter behind them.
std::optional<unsigned> take_date_part(std::string_view& text, unsigned width, unsigned least, unsigned most) {
    unsigned value = 0;
    unsigned digits = 0;
    while (digits < width && !text.empty() && is_digit(text.front())) {
        value = value * 10 + static_cast<unsigned>(text.front() - '0');
        text.remove_prefix(1);
        ++digits;
    }
    if (digits == 0 || value < least || value > most) return std::nullopt;
    if (text.starts_with(':') || text.starts_with('-')) text.remove_prefix(1);
    return value;
}

bool at_word_end(std::string_view text) {
    return text.empty() || is_space(text.front());
}

} // namespace

std::string_view take_word(std::string_view& text) {
    const auto end = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_space) - text.begin());
    const auto word = text.substr(0, end);
    text.remove_prefix(end);
    skip_space(text);
    return word;
}

std::optional<std::uint32_t> take_number(std::string_view& text, std::uint32_t most) {
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    std::uint64_t value = 0;
    while (!text.empty() && is_digit(text.front())) {
        value = value * 10 + static_cast<unsigned>(text.front() - '0');
        if (value > most) return std::nullopt;
        text.remove_prefix(1);
    }
    return static_cast<std::uint32_t>(value);
}

std::optional<std::uint32_t> take_time(std::string_view& text) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    std::uint64_t unit = 1;
    if (!text.empty()) {
        switch (text.front()) {
        case 'w':
        case 'W':
            unit = 7 * 86400;
            break;
        case 'd':
        case 'D':
            unit = 86400;
            break;
        case 'h':
        case 'H':
            unit = 3600;
            break;
        case 'm':
        case 'M':
            unit = 60;
            break;
        case 's':
        case 'S':
            break;
        default:
            unit = 0;
        }
        if (unit != 0) text.remove_prefix(1);
        unit = std::max<std::uint64_t>(unit, 1);
    }
    if (!at_word_end(text) || *number * unit > 0xffffffffU) return std::nullopt;
    skip_space(text);
    return static_cast<std::uint32_t>(*number * unit);
}

std::optional<std::int64_t> take_timestamp(std::string_view& text) {
    if (!text.empty() && (text.front() == '0' || text.front() == '-' || text.front() == ':') &&
        at_word_end(text.substr(1))) {
        text.remove_prefix(1);
        skip_space(text);
        return 0;
    }
    const auto year = take_date_part(text, 4, 1970, 2106);
    if (!year) return std::nullopt;
    const auto month = take_date_part(text, 2, 1, 12);
    if (!month) return std::nullopt;
    const auto day = take_date_part(text, 2, 1, 31);
    if (!day) return std::nullopt;
    std::array<unsigned, 3> time{};
    for (std::size_t i = 0; i < time.size() && !at_word_end(text); ++i) {
        const auto part = take_date_part(text, 2, 0, i == 0 ? 23 : 59);
        if (!part) return std::nullopt;
        time[i] = *part;
    }
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)}, std::chrono::month{*month},
                                           std::chrono::day{*day}};
    if (!date.ok() || !at_word_end(text)) return std::nullopt;
    skip_space(text);
    const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
    return static_cast<std::int64_t>(days) * 86400 + time[0] * 3600 + time[1] * 60 + time[2];
}

std::optional<unsigned> take_octets(std::string_view& text, Key4& address) {
    address = 0;
    for (unsigned count = 1;; ++count) {
        const auto octet = take_number(text, 255);
        if (!octet) return std::nullopt;
        address |= *octet << (32U - 8U * count);
        if (count == 4 || !take(text, '.')) return count;
    }
}

std::optional<Range4> take_range4(std::string_view& text) {
    Range4 range;
    const auto octets = take_octets(text, range.first);
    if (!octets) return std::nullopt;
    const auto bits = 8 * *octets;
    if (take(text, '-')) {
        const auto last = take_octets(text, range.last);
        if (!last) return std::nullopt;
        // "127.0.0.1-2": another last octet.
        if (*last == 1)
            range.last = range.last >> (bits - 8) | (range.first & mask4(bits - 8));
        else if (*last != *octets)
            return std::nullopt;
        range.last |= ~mask4(bits);
        if (range.first > range.last) return std::nullopt;
        return range;
    }
    range.bits = bits;
    if (take(text, '/')) {
        const auto length = take_number(text, 32);
        if (!length) return std::nullopt;
        range.bits = *length;
    } else if (bits == 8) {
        return std::nullopt; // a bare number
    }
    range.last = range.first | ~mask4(range.bits);
    return range;
}

std::optional<Range4> take_prefix4(std::string_view& text) {
    // A range ends at its dash, where no entry may end.
    auto rest = text;
    Key4 address = 0;
    if (!take_octets(rest, address) || rest.starts_with('-')) return std::nullopt;
    return take_range4(text);
}

std::optional<Words6> take_words6(std::string_view& text) {
    std::array<std::uint16_t, 8> words{};
    std::size_t count = 0;
    std::optional<std::size_t> gap; // where "::" stands
    if (text.starts_with("::")) {
        gap = 0;
        text.remove_prefix(2);
    }
    while (count < words.size()) {
        unsigned value = 0;
        std::size_t digits = 0;
        while (digits < text.size() && hex_digit(text[digits]) >= 0) {
            value = value << 4U | static_cast<unsigned>(hex_digit(text[digits]));
            if (value > 0xffff) return std::nullopt;
            ++digits;
        }
        if (digits == 0) {
            // Behind "::" there may be nothing; behind a single colon there may not.
            if (gap != count) return std::nullopt;
            break;
        }
        text.remove_prefix(digits);
        words[count++] = static_cast<std::uint16_t>(value);
        if (!text.starts_with(':') || count == words.size()) break;
        if (text.starts_with("::")) {
            if (gap) return std::nullopt;
            gap = count;
            text.remove_prefix(1);
        }
        text.remove_prefix(1);
    }
    Words6 made;
    made.bits = static_cast<unsigned>(16 * count);
    if (gap) {
        if (count == words.size()) return std::nullopt; // no room for zeros
        std::move_backward(words.begin() + static_cast<std::ptrdiff_t>(*gap),
                           words.begin() + static_cast<std::ptrdiff_t>(count), words.end());
        const auto zeros = words.size() - count;
        std::fill_n(words.begin() + static_cast<std::ptrdiff_t>(*gap), zeros, std::uint16_t{0});
        made.bits = 128;
    }
    for (const auto word : words) made.address = made.address << 16U | word;
    return made;
}

std::optional<Words6> take_prefix6(std::string_view& text) {
    auto made = take_words6(text);
    if (!made) return std::nullopt;
    if (take(text, '/')) {
        const auto length = take_number(text, 128);
        if (!length) return std::nullopt;
        made->bits = *length;
    } else if (made->bits == 16) {
        return std::nullopt;
    }
    return made;
}

std::string text_of(Key4 address) {
    return fmt::format("{}.{}.{}.{}", address >> 24U, address >> 16U & 0xffU, address >> 8U & 0xffU, address & 0xffU);
}

std::string text_of(Key6 address) {
    std::array<unsigned, 8> words{};
    for (std::size_t i = 0; i < words.size(); ++i)
        words[i] = static_cast<unsigned>(address >> (112U - 16U * i)) & 0xffffU;
    // The longest run of zeros, the first of equals, and never one alone.
    std::size_t gap = words.size();
    std::size_t gap_size = 1;
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::size_t run = 0;
        while (i + run < words.size() && words[i + run] == 0) ++run;
        if (run > gap_size) {
            gap = i;
            gap_size = run;
        }
    }
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i == gap) {
            text += "::";
            i += gap_size - 1;
            continue;
        }
        if (!text.empty() && !text.ends_with(':')) text += ':';
        text += fmt::format("{:x}", words[i]);
    }
    return text;
}

} // namespace provenbl::zones::statics
