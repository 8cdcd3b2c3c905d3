// Data sets and zones made of texts, and questions to them as people write them.
#pragma once

#include "zones/static/names.hpp"
#include "zones/static/parse.hpp"
#include "zones/static/static_zone.hpp"

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::zones::statics::testing {

inline ParseOptions strict() {
    ParseOptions options;
    options.now = 1'764'000'000;
    return options;
}

inline ParseOptions lenient() {
    auto options = strict();
    options.skip_bad_lines = true;
    return options;
}

inline Parsed parse_text(SetType type, std::string_view text, const ParseOptions& options = strict()) {
    const std::vector<SourceText> files{{"list", text}};
    return parse(type, files, options);
}

inline StaticZoneDefinition definition() {
    StaticZoneDefinition made;
    made.apex = "bl.example";
    made.fallback.name_servers = {{"ns.elsewhere.example", {}}};
    return made;
}

inline std::shared_ptr<const StaticZone> zone_of(std::vector<std::shared_ptr<const DataSet>> sets,
                                                 const StaticZoneDefinition& as = definition()) {
    return StaticZone::make(as, 0, std::move(sets)).value();
}

inline std::shared_ptr<const StaticZone> zone_of(SetType type, std::string_view text) {
    auto parsed = parse_text(type, text);
    if (!parsed.set) throw std::invalid_argument(parsed.complaints.first_error()->to_string());
    return zone_of({parsed.set});
}

// "NXDOMAIN", "NODATA", or the records in short: "127.0.0.2 'text' mx 10 mail.example".
inline std::string ask(const StaticZone& zone, std::string_view name) {
    const auto wire = wire_name(name).value();
    const std::vector<std::uint8_t> octets(wire.begin(), wire.end());
    const auto node = zone.find(octets, {true, true, true});
    if (node.kind == NodeKind::nothing) return "NXDOMAIN";
    std::vector<std::string> records;
    for (const auto a : node.a.data) records.push_back(Address::v4(a).to_string());
    for (const auto& text : node.txt.data) records.push_back("'" + text + "'");
    for (const auto& mx : node.mx.data)
        records.push_back("mx " + std::to_string(mx.preference) + " " + name_text(mx.name));
    std::sort(records.begin(), records.end());
    std::string all;
    for (const auto& record : records) all += (all.empty() ? "" : " ") + record;
    return all.empty() ? "NODATA" : all;
}

// The reversed name of an address, IPv6 in full.
inline std::string reversed(const char* address) {
    const auto parsed = Address::parse(address).value();
    std::string name;
    const auto bytes = parsed.bytes();
    for (auto at = bytes.rbegin(); at != bytes.rend(); ++at) {
        if (!name.empty()) name += '.';
        constexpr auto digits = "0123456789abcdef";
        if (parsed.is_v4())
            name += std::to_string(*at);
        else
            name += std::string{digits[*at & 0xfU], '.', digits[*at >> 4U]};
    }
    return name;
}

} // namespace provenbl::zones::statics::testing
