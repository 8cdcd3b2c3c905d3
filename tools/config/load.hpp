// A configuration file -> Configuration, or everything that is wrong with it.
#pragma once

#include "tools/config/changes.hpp"
#include "tools/config/configuration.hpp"
#include "tools/config/reading.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools {

struct Loaded {
    std::optional<Configuration> configuration; // present when there is no problem
    std::vector<Problem> problems;              // in the file's order
    Said said;                                  // what the file says, where there is no problem
};

// `role` says what must be there: a DNS server alone needs no probe domain.
[[nodiscard]] Loaded read_configuration(const std::string& text, Role role);
[[nodiscard]] Loaded load_configuration(const std::filesystem::path& file, Role role);

} // namespace provenbl::tools
