// What two configuration files say differently, setting by setting; and which of it a running process can take.
#pragma once

#include "tools/config/configuration.hpp"
#include "tools/config/node.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools {

// What a file says, by setting: "zones[bl.example].ttl" -> "5min". An item of a list goes by its apex (or name,
// clients, zone, type) rather than by its place, so that an item more is not a change of all that follow.
using Said = std::map<std::string, std::string>;
[[nodiscard]] Said said_by(const Node& file);

struct SettingChange {
    std::string setting;
    std::string before; // empty: not in the file, the default holds
    std::string after;
    bool needs_restart = false;

    // "zones[bl.example].ttl: default -> 5min"; a secret's values are not shown.
    [[nodiscard]] std::string to_string() const;
};
// In the order of names.
[[nodiscard]] std::vector<SettingChange> changes(const Said& before, const Said& after);

// Whether any of them is the setting, or lies below it.
[[nodiscard]] bool concern(const std::vector<SettingChange>& all, std::string_view setting);

// Only what is known to be taken while the process runs is; all else is read at the start.
[[nodiscard]] bool needs_restart(std::string_view setting);

// `running` with all of `next` that needs no restart.
[[nodiscard]] Configuration taken_over(const Configuration& running, const Configuration& next);
// The same of what the files say.
[[nodiscard]] Said taken_over(const Said& running, const Said& next);

} // namespace provenbl::tools
