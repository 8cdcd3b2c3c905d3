#include "zones/static/names.hpp"

#include "store/ascii.hpp"
#include "zones/static/scan.hpp"

#include <fmt/format.h>

#include <vector>

namespace provenbl::zones::statics {
namespace {

constexpr std::size_t longest_label = 63;
constexpr std::size_t most_labels = 127;

std::size_t label_size(std::string_view wire) {
    return static_cast<std::uint8_t>(wire.front());
}

// What a backslash stands before: a character, or its number in up to three digits.
std::optional<char> take_escaped(std::string_view& text) {
    if (text.empty()) return std::nullopt;
    if (!is_digit(text.front())) {
        const char c = text.front();
        text.remove_prefix(1);
        return c;
    }
    unsigned value = 0;
    for (int digits = 0; digits < 3 && !text.empty() && is_digit(text.front()); ++digits) {
        value = value * 10 + static_cast<unsigned>(text.front() - '0');
        text.remove_prefix(1);
    }
    if (value > 255) return std::nullopt;
    return static_cast<char>(value);
}

} // namespace

std::optional<std::string> wire_name(std::string_view text) {
    std::string wire;
    std::string label;
    const auto close = [&] {
        if (label.empty()) return;
        wire += static_cast<char>(label.size());
        wire += label;
        label.clear();
    };
    while (!text.empty()) {
        char c = text.front();
        text.remove_prefix(1);
        if (c == '.') {
            close();
            continue;
        }
        if (c == '\\') {
            const auto escaped = take_escaped(text);
            if (!escaped) return std::nullopt;
            c = *escaped;
        }
        label += c;
        if (label.size() > longest_label || wire.size() + label.size() + 2 > longest_wire_name) return std::nullopt;
    }
    close();
    return wire;
}

std::string lower_wire(std::string_view wire) {
    // A length is below 64, so it is no letter.
    return lower(wire);
}

std::string reversed_labels(std::string_view wire) {
    std::string reversed(wire.size(), '\0');
    auto at = reversed.size();
    while (!wire.empty()) {
        const auto size = label_size(wire) + 1;
        at -= size;
        wire.copy(&reversed[at], size);
        wire.remove_prefix(size);
    }
    return reversed;
}

std::size_t label_count(std::string_view wire) {
    std::size_t count = 0;
    for (; !wire.empty() && count < most_labels; ++count) wire.remove_prefix(label_size(wire) + 1);
    return count;
}

std::string name_text(std::string_view wire) {
    std::string text;
    for (; !wire.empty(); wire.remove_prefix(label_size(wire) + 1)) {
        if (!text.empty()) text += '.';
        for (const char c : wire.substr(1, label_size(wire))) {
            const auto octet = static_cast<std::uint8_t>(c);
            if (std::string_view{"\".;\\@$"}.find(c) != std::string_view::npos)
                text += std::string{'\\', c};
            else if (octet <= ' ' || octet >= 0x7f)
                text += fmt::format("\\{:03}", octet);
            else
                text += c;
        }
    }
    return text;
}

} // namespace provenbl::zones::statics
