#include "tools/api/rfc3339.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>

namespace provenbl::tools::api {
namespace {

// Takes exactly `digits` digits.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char expected) {
    const char lower = expected == 'T' ? 't' : expected == 'Z' ? 'z' : expected;
    if (text.empty() || (text.front() != expected && text.front() != lower)) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
    const auto year = take_digits(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    const auto month = take_digits(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = take_digits(text, 2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date};
}

std::optional<Duration> take_time_of_day(std::string_view& text) {
    const auto hour = take_digits(text, 2);
    if (!hour || !take(text, ':')) return std::nullopt;
    const auto minute = take_digits(text, 2);
    if (!minute || !take(text, ':')) return std::nullopt;
    const auto second = take_digits(text, 2);
    if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    Duration fraction{};
    if (!text.empty() && text.front() == '.') { // of a second; beyond milliseconds it is read over
        text.remove_prefix(1);
        auto digit = take_digits(text, 1);
        if (!digit) return std::nullopt;
        for (Duration::rep worth = 100; digit; worth /= 10, digit = take_digits(text, 1))
            fraction += Duration{*digit * worth};
    }
    return std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second} + fraction;
}

std::optional<Duration> take_offset(std::string_view& text) {
    if (take(text, 'Z')) return Duration::zero();
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
    const int sign = text.front() == '+' ? 1 : -1;
    text.remove_prefix(1);
    const auto hours = take_digits(text, 2);
    if (!hours || !take(text, ':')) return std::nullopt;
    const auto minutes = take_digits(text, 2);
    if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    return sign * (std::chrono::hours{*hours} + std::chrono::minutes{*minutes});
}

} // namespace

Result<Time> parse_time(std::string_view text) {
    const Error wrong{Errc::invalid,
                      fmt::format("'{}' is not a time; expected one such as 2026-12-31T00:00:00Z", text.substr(0, 40))};
    const auto date = take_date(text);
    if (!date) return wrong;
    if (text.empty()) return Time{*date};
    if (!take(text, 'T') && !take(text, ' ')) return wrong;
    const auto time_of_day = take_time_of_day(text);
    if (!time_of_day) return wrong;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return wrong;
    return Time{*date} + *time_of_day - *offset;
}

} // namespace provenbl::tools::api
