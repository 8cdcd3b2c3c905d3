// Zones whose contents are files: static_zones.
#include "tools/config/sections.hpp"

namespace provenbl::tools {
namespace {

using namespace types;

using zones::StaticZoneDefinition;
using zones::statics::SetSource;
using zones::statics::SetType;

Type<SetType> set_type() {
    return scalar<SetType>(
        fmt::format("one of {}", fmt::join(zones::statics::set_type_names, ", ")),
        [](std::string_view text) { return zones::statics::parse_set_type(text); },
        [](const SetType& value) { return std::string{to_string(value)}; });
}

Type<std::string> data_file() {
    return scalar<std::string>(
        "an absolute path such as /var/lib/lists/bl.txt",
        [](std::string_view text) -> Result<std::string> {
            if (!text.starts_with('/')) return Error{Errc::invalid, fmt::format("'{}' is not absolute", text)};
            return std::string{text};
        },
        [](const std::string& value) { return value; });
}

Type<bool> bad_lines() {
    return scalar<bool>(
        "refuse or skip",
        [](std::string_view text) -> Result<bool> {
            if (text == "refuse") return false;
            if (text == "skip") return true;
            return Error{Errc::invalid, fmt::format("'{}' is unknown", text)};
        },
        [](const bool& skip) { return std::string{skip ? "skip" : "refuse"}; });
}

const Table<SetSource>& set_settings() {
    using T = SetSource;
    static const Table<T> table{
        setting<T>("type", set_type(), PROVENBL_FIELD(type), "The format, by rbldnsd's name for it."),
        setting<T>("path", list(data_file(), 64), PROVENBL_FIELD(paths),
                   "The file; of several an exclusion in one holds in all."),
        setting<T>("bad_lines", bad_lines(), PROVENBL_FIELD(skip_bad_lines),
                   "refuse: a bad line keeps the last good data. skip: it is left out, as rbldnsd does."),
    };
    return table;
}

// What is given here starts from zone_defaults, and outweighs the files.
Setting<StaticZoneDefinition> own_soa() {
    Setting<StaticZoneDefinition> made;
    made.name = "soa";
    made.documentation = "The zone's start of authority. Default: $SOA of the files, else zone_defaults.";
    made.read = [](StaticZoneDefinition& into, const Node& node, Reading& reading) {
        into.soa = into.fallback.soa;
        read_table(*into.soa, soa_settings(), node, reading);
    };
    made.rows = [documentation = made.documentation](const std::string& prefix, const StaticZoneDefinition&) {
        std::vector<SettingRow> rows{{prefix + ".soa", "settings below it", "", documentation}};
        for (auto& row : rows_of(soa_settings(), prefix + ".soa")) rows.push_back(std::move(row));
        return rows;
    };
    return made;
}

} // namespace

const Table<StaticZoneDefinition>& static_zone_settings() {
    using T = StaticZoneDefinition;
    static const Table<T> table{
        setting<T>("apex", host_name(), PROVENBL_FIELD(apex), "The zone's name, which mail servers ask below."),
        setting<T>("files", list(group(set_settings()), 64), PROVENBL_FIELD(sets),
                   "Its data sets; an address is listed with the values of all of them."),
        setting<T>("ttl", optional(seconds(1, 7 * 86400)), PROVENBL_FIELD(ttl),
                   "How long 'listed' is remembered. Default: $TTL of the files, else zone_defaults."),
        own_soa(),
        setting<T>("name_servers", list(group(name_server_settings()), 16), PROVENBL_FIELD(name_servers),
                   "The servers that answer for the zone. Default: $NS of the files, else zone_defaults."),
        setting<T>("access", zone_access(), PROVENBL_FIELD(access), "As in zones."),
    };
    return table;
}

Type<std::optional<Node>> static_zone_list() {
    Type<std::optional<Node>> type;
    type.expects = "a list of zones, each with an apex and its files";
    type.read = [](std::optional<Node>& into, const Node& node, Reading&) { into = node; };
    type.show = [](const std::optional<Node>&) { return std::string{}; };
    type.nested = [](const std::string& prefix) { return rows_of(static_zone_settings(), prefix + "[]"); };
    return type;
}

} // namespace provenbl::tools
