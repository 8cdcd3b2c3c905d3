// Who speaks in the log, and of whom. Each part of the program has a logger of its own, whose level the operator sets
// (log.levels); without one, in tools and tests, the default logger takes its lines.
//
// Addresses of clients and reporters, and of the people behind a contact, are personal data: what the log says of them
// goes through client() and contact(), which shorten them unless the operator wants them (log.personal).
#pragma once

#include "store/address.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>

namespace provenbl::log {

inline constexpr std::array parts{"dns",     "verifier", "zones",  "store",  "api",
                                  "letters", "exports",  "intake", "workers"};

[[nodiscard]] inline std::shared_ptr<spdlog::logger> of(const char* part) {
    auto logger = spdlog::get(part);
    return logger ? logger : spdlog::default_logger();
}

[[nodiscard]] inline std::atomic<bool>& personal() {
    static std::atomic<bool> allowed{false};
    return allowed;
}

// "192.0.2.0/24", "2001:db8::/48".
[[nodiscard]] inline std::string client(const Address& address) {
    if (personal()) return address.to_string();
    return Prefix::of(address, address.is_v4() ? 24 : 48).to_string();
}

// "...@example.net"
[[nodiscard]] inline std::string contact(std::string_view mail_address) {
    const auto at = mail_address.rfind('@');
    if (personal() || at == std::string_view::npos) return std::string{mail_address};
    return "..." + std::string{mail_address.substr(at)};
}

// What somebody said, in which the contact may be named.
[[nodiscard]] inline std::string words(std::string text, std::string_view mail_address) {
    if (personal() || mail_address.empty()) return text;
    const auto shorter = contact(mail_address);
    if (shorter == mail_address) return text;
    for (auto at = text.find(mail_address); at != std::string::npos; at = text.find(mail_address, at + shorter.size()))
        text.replace(at, mail_address.size(), shorter);
    return text;
}

} // namespace provenbl::log
