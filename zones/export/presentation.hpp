// Names and texts as files show them: RFC 1035 section 5.1, RFC 8259, RFC 4180.
#pragma once

#include "zones/zone_table.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::zones::exports {

// A wire name, whole (with its root label: "ns.bl.example.") or relative ("ns"; "@" for none). What is no letter,
// digit,
// '-' or '_' is written as \DDD, which every reader of zone files knows.
[[nodiscard]] std::string master_name(std::span<const std::uint8_t> wire);
// Below the apex relative, else whole.
[[nodiscard]] std::string master_name(const DomainName& name, const DomainName& apex);
// In quotes, as a character-string.
[[nodiscard]] std::string master_text(std::string_view text);

// In quotes. What is not ASCII is taken for Latin-1, so that the outcome is valid whatever it is.
[[nodiscard]] std::string json_text(std::string_view text);
// A field of CSV, in quotes where it needs them.
[[nodiscard]] std::string csv_field(std::string_view text);

// A name with addresses that a zone has beside what is listed: name servers, the mail exchanger.
struct HostRecord {
    DomainName name;
    std::vector<Address> addresses;
};
[[nodiscard]] std::vector<HostRecord> hosts_of(const ZoneTable& table, const Zone& zone);
// The zones of ours that begin right below this one.
[[nodiscard]] std::vector<const Zone*> cuts_of(const ZoneTable& table, const Zone& zone);

} // namespace provenbl::zones::exports
