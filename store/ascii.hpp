// ASCII letters, whatever the locale: names of DNS, fields of HTTP, verbs of SMTP.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace provenbl {

// Of a character or an octet.
template <std::integral Character> [[nodiscard]] constexpr Character lower(Character c) {
    return c >= 'A' && c <= 'Z' ? static_cast<Character>(c + ('a' - 'A')) : c;
}

[[nodiscard]] inline std::string lower(std::string_view text) {
    std::string made{text};
    for (auto& c : made) c = lower(c);
    return made;
}

} // namespace provenbl
