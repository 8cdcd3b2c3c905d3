// What hopm (and bopm before it) mails to `dnsbl_to`: the proxy that it found, and what it said, as proof.
//
//   Subject: HOPM Report
//   X-HOPM-Version: 1.1.10
//
//   SOCKS5: 192.0.2.1:1080
//
//   ...
#include "store/ascii.hpp"
#include "tools/intake/mail/reading.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace provenbl::tools::intake::mail {
namespace {

constexpr std::array<std::pair<std::string_view, std::optional<ListingClass>>, 10> protocols{{
    {"http", ListingClass::http},
    {"httppost", ListingClass::http},
    {"https", ListingClass::http},
    {"httpspost", ListingClass::http},
    {"socks4", ListingClass::socks},
    {"socks5", ListingClass::socks},
    {"wingate", ListingClass::wingate},
    {"router", ListingClass::router},
    {"dreambox", std::nullopt},
    {"ssh", std::nullopt},
}};

// "SOCKS5: 192.0.2.1:1080"; an IPv6 address has no brackets there.
std::optional<Entry> parse_finding(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto protocol = lower(trimmed(line.substr(0, colon)));
    const auto rest = trimmed(line.substr(colon + 1));
    const auto last = rest.rfind(':');
    if (last == std::string_view::npos) return std::nullopt;
    auto host = rest.substr(0, last);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const auto digits = rest.substr(last + 1);
    std::uint16_t port = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    const auto address = Address::parse(host);
    if (!address || failed != std::errc{} || end != digits.data() + digits.size() || port == 0) return std::nullopt;
    for (const auto& [name, cls] : protocols) {
        if (name != protocol) continue;
        Entry entry;
        entry.address = *address;
        entry.ports = {port};
        entry.cls = cls;
        entry.comment = fmt::format("HOPM found {}", name);
        return entry;
    }
    return std::nullopt;
}

} // namespace

Result<std::optional<Reading>> read_hopm(const Message& message) {
    const auto subject = lower(message.header.first("subject"));
    if (message.header.first("x-hopm-version").empty() && message.header.first("x-bopm-version").empty() &&
        subject != "hopm report" && subject != "bopm report")
        return std::optional<Reading>{};
    if (!message.parts.empty()) {
        std::string_view text = message.parts.front().content;
        while (!text.empty()) {
            const auto line = trimmed(take_line(text));
            if (line.empty()) continue;
            auto entry = parse_finding(line);
            if (!entry) break; // only the first line counts: what follows is what the proxy said
            std::optional<Reading> reading{std::in_place};
            reading->kind = Kind::hopm;
            reading->entries.push_back(std::move(*entry));
            return reading;
        }
    }
    return Error{Errc::invalid, "this looks like a report of HOPM, but its first line is no 'PROTOCOL: ADDRESS:PORT'"};
}

} // namespace provenbl::tools::intake::mail
