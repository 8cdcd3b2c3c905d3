// The table of all settings: what a configuration file may say.
#pragma once

#include "tools/config/configuration.hpp"
#include "tools/config/setting.hpp"

#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools {

// What the file says, before the zones are put together (assemble.hpp).
struct Draft {
    Configuration configuration;
    zones::ZoneDefinition zone_defaults;
    std::optional<Node> zone_nodes;        // the list `zones`, read once zone_defaults is known
    std::optional<Node> static_zone_nodes; // the list `static_zones`, likewise
    std::optional<Node> policy_zone_nodes; // the list `policy_zones`, likewise
    std::optional<zones::ProbeDomain> probe_domain;
    std::optional<zones::CatalogDefinition> catalog;
};

[[nodiscard]] const Table<Draft>& settings();
[[nodiscard]] const Table<zones::ZoneDefinition>& zone_settings();              // of an item of `zones`
[[nodiscard]] const Table<zones::StaticZoneDefinition>& static_zone_settings(); // ... of `static_zones`
[[nodiscard]] const Table<zones::PolicyZoneDefinition>& policy_zone_settings(); // ... of `policy_zones`

// Every setting with its default and documentation, in the table's order.
[[nodiscard]] std::vector<SettingRow> reference();

} // namespace provenbl::tools
