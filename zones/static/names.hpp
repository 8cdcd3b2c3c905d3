// Domain names of data files, in the order that makes look-ups below a name a look-up of a range.
//
// A key is a name's labels in wire form, the top one first: "\7example\3www" for www.example. So whatever is below a
// name begins with its key, and stands right behind it when keys are sorted by their octets. Lower case (RFC 4343).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace provenbl::zones::statics {

inline constexpr std::size_t longest_wire_name = 255; // with the root label

// A name as it is written, "www.example.com." with \. and \DDD, as labels in wire form without a root label, in the
// order and case they were written in. Empty labels don't count, so "." is empty. Nothing for what is no name.
[[nodiscard]] std::optional<std::string> wire_name(std::string_view text);
[[nodiscard]] std::string lower_wire(std::string_view wire);
// The key of labels in wire form; and back.
[[nodiscard]] std::string reversed_labels(std::string_view wire);
[[nodiscard]] std::size_t label_count(std::string_view wire);
// For people, of labels in wire form: dots, special and unprintable characters are escaped (RFC 1035 5.1).
[[nodiscard]] std::string name_text(std::string_view wire);

} // namespace provenbl::zones::statics
