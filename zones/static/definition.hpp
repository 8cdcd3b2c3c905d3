// What an operator defines: a zone whose contents are files in the formats of rbldnsd(8), beside the zones that show
// what is listed. Plain values; tools/config reads them from YAML.
#pragma once

#include "store/result.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::zones {

namespace statics {

// The data set types of rbldnsd(8).
enum class SetType : std::uint8_t { ip4set, ip4trie, ip4tset, ip6trie, ip6tset, dnset, generic, combined };
inline constexpr std::array<std::string_view, 8> set_type_names{"ip4set",  "ip4trie", "ip4tset", "ip6trie",
                                                                "ip6tset", "dnset",   "generic", "combined"};

[[nodiscard]] inline std::string_view to_string(SetType type) {
    return set_type_names.at(static_cast<std::size_t>(type));
}
// Errors name the types that are known.
[[nodiscard]] Result<SetType> parse_set_type(std::string_view text);

// One data set: one file, or several that are read as if they were one (an exclusion in one holds in all).
struct SetSource {
    SetType type = SetType::ip4set;
    std::vector<std::string> paths;
    bool skip_bad_lines = false; // false: a file with a bad line is refused as a whole
    auto operator<=>(const SetSource&) const = default;
};

} // namespace statics
} // namespace provenbl::zones
