// Lines that begin with a dollar sign (rbldnsd(8), "Special Entries"), also behind '#', ';' or ':'.
#pragma once

#include "store/result.hpp"
#include "zones/definition.hpp"
#include "zones/static/values.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace provenbl::zones::statics {

// $SOA: names as zones/definition.hpp has them; the serial is 0 where the file's time is to stand for it.
struct SoaLine {
    Soa soa; // its ttl is 0 where the default is meant
    std::uint32_t serial = 0;
};
struct NsLine {
    std::uint32_t ttl = 0; // 0: the default
    std::vector<std::string> names;
};
struct TtlLine {
    std::uint32_t ttl = 0; // 0: the default
};
struct TimestampLine {
    std::int64_t made = 0;    // seconds since 1970; 0: not said
    std::int64_t expires = 0; // 0: never
};
struct MaxRange4Line {
    std::uint64_t addresses = 0;
};
struct VariableLine {
    std::size_t place = 0; // in Variables
    std::string text;
};
struct DataSetLine {
    std::string type;
    std::string name;
    std::vector<std::string> subzones; // "@" is the zone itself
};
using Special = std::variant<SoaLine, NsLine, TtlLine, TimestampLine, MaxRange4Line, VariableLine, DataSetLine>;

// Whether the line is one; `text` is then what stands behind the dollar sign.
[[nodiscard]] bool is_special(std::string_view line, std::string_view& text);
// not_found: no keyword that is known; invalid: one that is not followed by what it should be, which the error says.
[[nodiscard]] Result<Special> parse_special(std::string_view text);

} // namespace provenbl::zones::statics
