// Where the files lie that tell an address's country and network.
#pragma once

#include "store/clock.hpp"

#include <chrono>
#include <filesystem>
#include <string>

namespace provenbl::tools::origins {

// No file: not counted. docs/pages.md says what the files are.
struct Settings {
    std::filesystem::path country_file;
    std::filesystem::path network_file;
    Duration interval = std::chrono::hours{6}; // between two counts
    std::string credit;                        // whose data they are, as their licence may want it shown

    [[nodiscard]] bool any() const { return !country_file.empty() || !network_file.empty(); }
};

} // namespace provenbl::tools::origins
