#include "tools/config/values.hpp"

#include "store/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace provenbl::tools {
namespace {

Error invalid(std::string message) {
    return {Errc::invalid, std::move(message)};
}

// Digits at the front and what follows them.
Result<std::pair<std::uint64_t, std::string_view>> leading_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code == std::errc::result_out_of_range) return invalid(fmt::format("'{}' is too large", text));
    if (code != std::errc{}) return invalid(fmt::format("'{}' does not begin with a number", text));
    return std::pair{number, text.substr(static_cast<std::size_t>(end - text.data()))};
}

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::array duration_units{Unit{"ms", 1},     Unit{"s", 1000},      Unit{"min", 60'000},
                                    Unit{"m", 60'000}, Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
constexpr std::array size_units{Unit{"", 1}, Unit{"KiB", 1ULL << 10U}, Unit{"MiB", 1ULL << 20U},
                                Unit{"GiB", 1ULL << 30U}, Unit{"TiB", 1ULL << 40U}};

template <std::size_t N>
Result<std::uint64_t> with_unit(std::string_view text, const std::array<Unit, N>& units, std::uint64_t maximum) {
    const auto parts = leading_number(text);
    if (!parts) return parts.error();
    const auto number = parts->first;
    const auto unit_name = parts->second;
    const auto* const unit =
        std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit_name; });
    if (unit == units.end())
        return invalid(unit_name.empty() ? fmt::format("'{}' has no unit", text)
                                         : fmt::format("'{}' is not a known unit", unit_name));
    if (number > maximum / unit->factor) return invalid(fmt::format("'{}' is too large", text));
    return number * unit->factor;
}

template <std::size_t N> std::string in_largest_unit(std::uint64_t value, const std::array<Unit, N>& units) {
    for (auto unit = units.rbegin(); unit != units.rend(); ++unit) {
        if (unit->name != "m" && value >= unit->factor && value % unit->factor == 0)
            return fmt::format("{}{}", value / unit->factor, unit->name);
    }
    return fmt::format("{}{}", value, units.front().name);
}

bool is_label_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

} // namespace

Result<Duration> parse_duration(std::string_view text) {
    constexpr std::uint64_t ten_years = 3'653ULL * 86'400'000;
    const auto milliseconds = with_unit(text, duration_units, ten_years);
    if (!milliseconds) return milliseconds.error();
    return Duration{static_cast<Duration::rep>(*milliseconds)};
}

Result<std::uint64_t> parse_size(std::string_view text) {
    return with_unit(text, size_units, 1ULL << 46U);
}

Result<std::uint64_t> parse_number(std::string_view text) {
    const auto parts = leading_number(text);
    if (!parts) return parts.error();
    if (!parts->second.empty()) return invalid(fmt::format("'{}' is not a whole number", text));
    return parts->first;
}

Result<bool> parse_bool(std::string_view text) {
    if (text == "true" || text == "yes" || text == "on") return true;
    if (text == "false" || text == "no" || text == "off") return false;
    return invalid(fmt::format("'{}' is neither true nor false", text));
}

Result<unsigned> parse_mode(std::string_view text) {
    unsigned mode = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
    if (code != std::errc{} || end != text.data() + text.size() || mode > 0777)
        return invalid(fmt::format("'{}' is not an octal file mode", text));
    return mode;
}

Result<std::string> parse_host_name(std::string_view text) {
    const auto given = text;
    if (text.ends_with('.')) text.remove_suffix(1);
    if (text.empty()) return invalid("the name is empty");
    if (text.size() > 253) return invalid("the name is longer than 253 characters");
    std::size_t label = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] != '.') {
            if (!is_label_character(text[i]))
                return invalid(fmt::format("'{}' holds a character that no host name has", given));
            ++label;
            continue;
        }
        if (label == 0) return invalid(fmt::format("'{}' has an empty label", given));
        if (label > 63) return invalid(fmt::format("'{}' has a label of more than 63 characters", given));
        if (text[i - 1] == '-' || text[i - label] == '-')
            return invalid(fmt::format("'{}' has a label that begins or ends with '-'", given));
        label = 0;
    }
    return lower(text);
}

Result<std::string> parse_mail_address(std::string_view text) {
    const auto at = text.rfind('@');
    if (at == std::string_view::npos || at == 0) return invalid(fmt::format("'{}' has no '@' after a name", text));
    for (const char c : text.substr(0, at)) {
        if (std::isgraph(static_cast<unsigned char>(c)) == 0 ||
            std::string_view{"<>()[],;:\\\"@"}.find(c) != std::string_view::npos)
            return invalid(fmt::format("'{}' holds a character that must not stand before the '@'", text));
    }
    const auto domain = parse_host_name(text.substr(at + 1));
    if (!domain) return domain.error();
    return std::string{text.substr(0, at + 1)} + *domain;
}

Result<std::string> parse_page(std::string_view text) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!text.starts_with(scheme)) continue;
        const auto rest = text.substr(scheme.size());
        if (rest.empty() || rest.front() == '/' || rest.front() == '{')
            return invalid(fmt::format("'{}' names no host", text));
        const auto bad =
            std::find_if(rest.begin(), rest.end(), [](unsigned char c) { return std::isgraph(c) == 0 || c == '"'; });
        if (bad != rest.end()) return invalid(fmt::format("'{}' holds a blank or a character that no URL has", text));
        return std::string{text};
    }
    return invalid(fmt::format("'{}' begins with neither https:// nor http://", text));
}

std::string show_duration(Duration duration) {
    if (duration == Duration::zero()) return "0s";
    return in_largest_unit(static_cast<std::uint64_t>(duration.count()), duration_units);
}

std::string show_size(std::uint64_t bytes) {
    return in_largest_unit(bytes, size_units);
}

} // namespace provenbl::tools
