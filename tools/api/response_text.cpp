#include "tools/api/response_text.hpp"

#include "tools/api/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace provenbl::tools::api {
namespace {

// Nothing that we were told may begin a header of its own.
void add(std::string& into, std::string_view name, std::string_view value) {
    into += name;
    into += ": ";
    std::copy_if(value.begin(), value.end(), std::back_inserter(into),
                 [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
    into += "\r\n";
}

bool has(const Response& response, std::string_view name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [&](const auto& one) { return one.first == name; });
}

} // namespace

std::string http_date(Time time) {
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days.at(std::chrono::weekday{day}.c_encoding()),
                       static_cast<unsigned>(date.day()), months.at(static_cast<unsigned>(date.month()) - 1),
                       static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count());
}

std::string response_text(const Response& response, const Sending& sending) {
    auto text = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
    add(text, "Date", http_date(sending.now));
    add(text, "Server", "provenbl");
    if (!response.content_type.empty() && response.status != 303) add(text, "Content-Type", response.content_type);
    if (!has(response, "Cache-Control")) add(text, "Cache-Control", "no-store");
    add(text, "X-Content-Type-Options", "nosniff");
    if (sending.hsts > Duration::zero())
        add(text, "Strict-Transport-Security",
            fmt::format("max-age={}", std::chrono::duration_cast<std::chrono::seconds>(sending.hsts).count()));
    for (const auto& [name, value] : response.headers) add(text, name, value);
    // These two never have a body, and 204 may not even say so (RFC 9110 8.6).
    const bool bodiless = response.status == 204 || response.status == 304;
    if (!bodiless) add(text, "Content-Length", fmt::format("{}", response.body.size()));
    add(text, "Connection", sending.keep_alive ? "keep-alive" : "close");
    text += "\r\n";
    if (!bodiless && !sending.without_body) text += response.body;
    return text;
}

} // namespace provenbl::tools::api
