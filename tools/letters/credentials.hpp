// What we show the smarthost: a user's name, and the password out of a file that nobody else can read.
#pragma once

#include "store/result.hpp"
#include "tools/letters/settings.hpp"

#include <optional>
#include <string>

namespace provenbl::tools::letters {

struct Credentials {
    std::string user;
    std::string password;
};

// RFC 4616 section 2 has a server take 255 octets of each.
inline constexpr std::size_t longest_credential = 255;

// Of `user` and `password_file`, read anew, so that a new password is taken as soon as it is there; nothing where the
// smarthost wants none. The password is the file's first line. Errors name the setting and say what to do: not_allowed
// where others than owner and group can reach it, invalid for what is no password.
[[nodiscard]] Result<std::optional<Credentials>> credentials_of(const Settings& settings);

} // namespace provenbl::tools::letters
