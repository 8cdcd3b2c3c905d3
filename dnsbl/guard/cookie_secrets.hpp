// The secrets that server cookies are signed with: from a file that all servers of an anycast set share, or random.
//
// The file: a secret a line, 32 hexadecimal digits (128 bits); blank lines and lines that begin with '#' are passed
// over. The first signs, all verify. Rolling over (RFC 9018 section 5): add the new one as the second line everywhere,
// then make it the first everywhere, and remove the old one an hour later.
#pragma once

#include "dnsbl/wire/cookie.hpp"
#include "store/entropy.hpp"
#include "store/result.hpp"

#include <filesystem>
#include <string_view>

namespace provenbl::dnsbl::guard {

// Errors say which line, and what was expected; never a secret.
[[nodiscard]] Result<wire::CookieSecrets> parse_cookie_secrets(std::string_view text);
[[nodiscard]] Result<wire::CookieSecrets> load_cookie_secrets(const std::filesystem::path& file);
[[nodiscard]] wire::CookieSecrets random_cookie_secrets(Entropy& entropy);

} // namespace provenbl::dnsbl::guard
