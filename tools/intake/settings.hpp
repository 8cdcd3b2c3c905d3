// Ways in for reports that are files: docs/reporting.md.
#pragma once

#include "store/clock.hpp"

#include <chrono>
#include <filesystem>

namespace provenbl::tools::intake {

struct Settings {
    std::filesystem::path folder;                // lists of addresses; empty: none is watched
    Duration interval = std::chrono::seconds(5); // between looks
};

} // namespace provenbl::tools::intake
