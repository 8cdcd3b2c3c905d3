// A record of the query log as a line of text. Whatever octets a client sent, a line is one line of printable ASCII.
#pragma once

#include "dnsbl/watch/query_record.hpp"
#include "dnsbl/watch/settings.hpp"

#include <span>
#include <string>

namespace provenbl::dnsbl::watch {

// Appends, with the line break. Words: time, transport, client, name, type, zone, rcode, codes, size; '-' stands for
// none. JSON: the same as members. `zones`: their apexes, by Outcome::zone.
void append_line(std::string& out, const QueryRecord& record, const QueryLogSettings& settings,
                 std::span<const std::string> zones);
// Says in the log itself that so many records are missing.
void append_gap(std::string& out, std::uint64_t missing, WallTime now, const QueryLogSettings& settings);

// "2.0.0.127.bl.example"; anything but letters, digits, '-' and '_' as \DDD (RFC 1035 5.1). "." for the root.
[[nodiscard]] std::string name_text(std::span<const std::uint8_t> name);

} // namespace provenbl::dnsbl::watch
