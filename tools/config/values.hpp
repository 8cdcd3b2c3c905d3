// Texts of a configuration file -> values, each with its rules. Pure; knows nothing of YAML or of settings.
//
// An error says what is wrong with the text; the setting's type adds what was expected.
#pragma once

#include "store/clock.hpp"
#include "store/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace provenbl::tools {

// "250ms", "10s", "5min" or "5m", "24h", "14d"; "0s". A bare number has no unit and is refused.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);
// "512", "256KiB", "1GiB"; binary units only, so that nobody has to guess.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);
[[nodiscard]] Result<std::uint64_t> parse_number(std::string_view text);
[[nodiscard]] Result<bool> parse_bool(std::string_view text);
// Octal, "0660".
[[nodiscard]] Result<unsigned> parse_mode(std::string_view text);
// In presentation form: lower-cased, without the trailing dot (RFC 1035 2.3.4: labels of 63, 253 in all).
[[nodiscard]] Result<std::string> parse_host_name(std::string_view text);
[[nodiscard]] Result<std::string> parse_mail_address(std::string_view text);
// http or https with a host.
[[nodiscard]] Result<std::string> parse_page(std::string_view text);

[[nodiscard]] std::string show_duration(Duration duration);
[[nodiscard]] std::string show_size(std::uint64_t bytes);

} // namespace provenbl::tools
