// Zones that are published as files: exports.
#include "tools/config/sections.hpp"

#include <fmt/ranges.h>

namespace provenbl::tools {
namespace {

using namespace types;
using zones::exports::Format;

// A value of an enumeration, by the names that it shows.
template <class Enum, std::size_t count, class Parse>
Type<Enum> named(const std::array<Enum, count>& all, Parse parse) {
    std::vector<std::string_view> names;
    for (const auto one : all) names.push_back(to_string(one));
    return scalar<Enum>(
        fmt::format("one of {}", fmt::join(names, ", ")),
        [parse, names](std::string_view text) -> Result<Enum> {
            if (const auto value = parse(text)) return *value;
            const auto near = nearest(text, names);
            return Error{Errc::invalid, near.empty() ? fmt::format("'{}' is unknown", text)
                                                     : fmt::format("'{}' is unknown, did you mean '{}'?", text, near)};
        },
        [](const Enum& value) { return std::string{to_string(value)}; });
}

} // namespace

Type<zones::rpz::Action> rpz_action() {
    return named(zones::rpz::all_actions, zones::rpz::parse_action);
}

Type<zones::rpz::Trigger> rpz_trigger() {
    return named(zones::rpz::all_triggers, zones::rpz::parse_trigger);
}

const Table<ExportSettings>& export_settings() {
    using T = ExportSettings;
    constexpr auto longest = 30 * day;
    static const Table<T> table{
        setting<T>("zone", host_name(), PROVENBL_FIELD(zone), "The apex of the zone."),
        setting<T>("format", optional(named(zones::exports::all_formats, zones::exports::parse_format)),
                   PROVENBL_FIELD(format), "What reads it."),
        setting<T>("file", absolute_path(), PROVENBL_FIELD(file),
                   "Where it appears, whole; its signed manifest is FILE.manifest.json."),
        setting<T>("interval", duration(1s, longest), PROVENBL_FIELD(interval),
                   "How often it is written at most; never while the serial stays."),
        setting<T>("rpz_action", rpz_action(), PROVENBL_FIELD(options.rpz_action),
                   "format rpz: what the resolver does."),
        setting<T>("rpz_trigger", rpz_trigger(), PROVENBL_FIELD(options.rpz_trigger),
                   "format rpz: whose address is looked for in the list."),
        setting<T>("set", text("a name of letters, digits and '_'"), PROVENBL_FIELD(options.set),
                   "formats nftables and ipset: the sets are NAME_4 and NAME_6. Default: made of the zone's name."),
    };
    return table;
}

namespace {

const zones::ZoneDefinition* find_zone(const Configuration& configuration, const std::string& apex) {
    for (const auto& zone : configuration.zones.zones) {
        if (zone.apex == apex) return &zone;
    }
    return nullptr;
}

void check_zone(const Configuration& configuration, const ExportSettings& one, const std::string& place,
                Reading& reading) {
    if (find_zone(configuration, one.zone) != nullptr) return;
    std::vector<std::string_view> known;
    for (const auto& zone : configuration.zones.zones) known.push_back(zone.apex);
    reading.refuse_setting(place + ".zone", one.zone.empty() ? std::string("is missing; expected the apex of a zone")
                                                             : fmt::format("'{}' is no zone of this file; known are {}",
                                                                           one.zone, fmt::join(known, ", ")));
}

void check_options(const ExportSettings& one, const std::string& place, Reading& reading) {
    for (const char* name : {"rpz_action", "rpz_trigger"}) {
        const auto setting = fmt::format("{}.{}", place, name);
        if (reading.seen(setting) && one.format != Format::rpz)
            reading.refuse_setting(setting, "means nothing without 'format: rpz'");
    }
    const bool has_sets = one.format == Format::nftables || one.format == Format::ipset;
    if (!one.options.set.empty() && !has_sets)
        reading.refuse_setting(place + ".set", "means nothing without 'format: nftables' or 'format: ipset'");
}

} // namespace

void check_exports(const Configuration& configuration, Reading& reading) {
    for (std::size_t i = 0; i < configuration.exports.size(); ++i) {
        const auto& one = configuration.exports[i];
        const auto place = fmt::format("exports[{}]", i);
        if (!reading.refused(place + ".zone")) check_zone(configuration, one, place, reading);
        if (!one.format && !reading.refused(place + ".format"))
            reading.refuse_setting(place + ".format", "is missing; expected such as 'format: rbldnsd'");
        if (one.file.empty() && !reading.refused(place + ".file"))
            reading.refuse_setting(place + ".file", "is missing; expected an absolute path");
        if (one.format) check_options(one, place, reading);
        for (std::size_t before = 0; before < i; ++before) {
            if (!one.file.empty() && configuration.exports[before].file == one.file)
                reading.refuse_setting(place + ".file", fmt::format("{} is written by exports[{}] already; expected "
                                                                    "another file",
                                                                    one.file.string(), before));
        }
        const auto* definition = find_zone(configuration, one.zone);
        if (!reading.good() || definition == nullptr || !one.format) continue;
        if (const auto fits = zones::exports::check(zones::Zone(*definition), *one.format, one.options); !fits)
            reading.refuse_setting(place + ".set", fits.error().message);
    }
}

} // namespace provenbl::tools
