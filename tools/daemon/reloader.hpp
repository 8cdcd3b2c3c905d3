// A new configuration for a process that runs (SIGHUP): read and checked as a whole, then taken as a whole or not at
// all.
//
// What is wrong is logged with file, line and column, and told to the service manager; the old configuration holds on.
// What has changed is said setting by setting, and by name what of it needs a restart: of that the old holds on, too.
#pragma once

#include "tools/config/load.hpp"
#include "tools/daemon/services.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace provenbl::tools {

class Reloader {
public:
    // `running`: as loaded at the start, without a problem.
    Reloader(std::filesystem::path file, Role role, const Loaded& running, Services& services);

    // False when the process can't go on and had better be started again.
    [[nodiscard]] bool reload();

private:
    [[nodiscard]] std::string refuse(const std::vector<std::string>& problems) const;

    const std::filesystem::path file_;
    const Role role_;
    Services& services_;
    Configuration running_;
    Said said_;
};

} // namespace provenbl::tools
