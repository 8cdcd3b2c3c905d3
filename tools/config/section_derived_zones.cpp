// Zones that follow from the lists: policy_zones, catalog.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

const Table<zones::PolicyZoneDefinition>& policy_zone_settings() {
    using T = zones::PolicyZoneDefinition;
    static const Table<T> table{
        setting<T>("apex", host_name(), PROVENBL_FIELD(apex), "The policy zone's name."),
        setting<T>("zone", host_name(), PROVENBL_FIELD(zone), "The apex of the list that it shows, one of zones."),
        setting<T>("classes", classes(), PROVENBL_FIELD(classes),
                   "Which of the list's classes. Default: all that it lists."),
        setting<T>("trigger", rpz_trigger(), PROVENBL_FIELD(trigger), "Whose address is looked for in the list."),
        setting<T>("action", rpz_action(), PROVENBL_FIELD(action), "What the resolver does."),
        setting<T>("redirect", text("a host name or an address"), PROVENBL_FIELD(redirect),
                   "In the place of an action: the name (CNAME) or address (A, AAAA) that is answered."),
        setting<T>("ttl", seconds(1, 86400), PROVENBL_FIELD(ttl), "Of its records."),
        setting<T>("soa", group(soa_settings()), PROVENBL_FIELD(soa), "The zone's start of authority."),
        setting<T>("name_servers", list(group(name_server_settings()), 16), PROVENBL_FIELD(name_servers),
                   "The servers that answer for the zone."),
    };
    return table;
}

// Kept as it is until zones and zone_defaults are known.
Type<std::optional<Node>> policy_zone_list() {
    Type<std::optional<Node>> type;
    type.expects = "a list of policy zones, each with an apex and the zone that it shows";
    type.read = [](std::optional<Node>& into, const Node& node, Reading&) { into = node; };
    type.show = [](const std::optional<Node>&) { return std::string{}; };
    type.nested = [](const std::string& prefix) { return rows_of(policy_zone_settings(), prefix + "[]"); };
    return type;
}

namespace {

const Table<zones::CatalogDefinition>& catalog_settings() {
    using T = zones::CatalogDefinition;
    static const Table<T> table{
        setting<T>("apex", host_name(), PROVENBL_FIELD(apex), "The catalog's name; nobody but mirrors asks for it."),
        setting<T>("group", text("a word"), PROVENBL_FIELD(group),
                   "The group of the lists, by which a mirror may configure them. Default: none."),
        setting<T>("policy_group", text("a word"), PROVENBL_FIELD(policy_group),
                   "The group of the policy zones. Default: none."),
    };
    return table;
}

} // namespace

Type<std::optional<zones::CatalogDefinition>> catalog_group() {
    Type<std::optional<zones::CatalogDefinition>> type;
    type.expects = "settings below it";
    type.read = [](std::optional<zones::CatalogDefinition>& into, const Node& node, Reading& reading) {
        into.emplace();
        read_table(*into, catalog_settings(), node, reading);
    };
    type.show = [](const std::optional<zones::CatalogDefinition>&) { return std::string{}; };
    type.nested = [](const std::string& prefix) { return rows_of(catalog_settings(), prefix); };
    return type;
}

} // namespace provenbl::tools
