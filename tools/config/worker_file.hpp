// What a worker is told: its file (YAML), read by the same means as the configuration of the program.
#pragma once

#include "tools/config/reading.hpp"
#include "tools/workers/settings.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools {

struct LoadedWorker {
    std::optional<workers::WorkerSettings> settings; // present when there is no problem
    std::vector<Problem> problems;
};

[[nodiscard]] LoadedWorker read_worker_file(const std::string& text);
[[nodiscard]] LoadedWorker load_worker_file(const std::filesystem::path& file);

} // namespace provenbl::tools
