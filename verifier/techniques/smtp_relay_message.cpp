// One template; RFC 3834 asks automatic mail to call itself so.
#include "verifier/techniques/smtp_relay_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace provenbl::verifier::techniques {
namespace {

std::string with_crlf_and_dots(std::string_view text) {
    std::string wire;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.starts_with('.')) wire += '.';
        wire.append(line).append("\r\n");
    }
    return wire + ".\r\n";
}

// Unique without randomness: one form of one host is tried once in a millisecond.
std::string message_id(const Identity& identity, const Endpoint& target, std::string_view technique, Time now) {
    std::string left =
        fmt::format("{}.{}.{}.{}", now.time_since_epoch().count(), target.address.to_string(), target.port, technique);
    std::replace_if(
        left.begin(), left.end(), [](char c) { return c == ':' || c == '/'; }, '-');
    return fmt::format("<{}@{}>", left, identity.helo);
}

} // namespace

std::string mail_date(Time time) {
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - midnight));
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000",
                       days.at(std::chrono::weekday(midnight).c_encoding()), static_cast<unsigned>(date.day()),
                       months.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string relay_message(const Identity& identity, const Endpoint& target, std::string_view technique,
                          std::string_view token, Time now) {
    const auto text = fmt::format(
        "From: Open relay test <probe@{domain}>\n"
        "To: <{token}@{domain}>\n"
        "Reply-To: <{contact}>\n"
        "Date: {date}\n"
        "Message-ID: {id}\n"
        "Subject: Open relay test of {host}\n"
        "MIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=us-ascii\n"
        "Auto-Submitted: auto-generated\n"
        "\n"
        "This message is a test of the mail server at {host}, port {port}.\n"
        "\n"
        "What it is: the server was reported as an open relay, a server that\n"
        "passes on mail from anybody to anybody. We handed it this message,\n"
        "addressed to ourselves, to see whether it passes it on. If the message\n"
        "comes back to us, the server is one. This is test \"{technique}\".\n"
        "\n"
        "Who sent it: provenbl at {helo}.\n"
        "Why, how, and what we do with the result: {page}\n"
        "\n"
        "If you should not have got this message, or want your server to be left\n"
        "alone, write to {contact}.\n",
        fmt::arg("domain", identity.probe_domain), fmt::arg("token", token), fmt::arg("contact", identity.contact),
        fmt::arg("date", mail_date(now)), fmt::arg("id", message_id(identity, target, technique, now)),
        fmt::arg("host", target.address.to_string()), fmt::arg("port", target.port), fmt::arg("technique", technique),
        fmt::arg("helo", identity.helo), fmt::arg("page", identity.page));
    return with_crlf_and_dots(text);
}

} // namespace provenbl::verifier::techniques
