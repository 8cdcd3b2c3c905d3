// What is logged goes to standard error: lines for people, or one JSON object a line.
#pragma once

#include "tools/config/configuration.hpp"

#include <memory>

namespace spdlog {
class formatter;
}

namespace provenbl::tools {

void start_logging(const LogSettings& settings);

// {"time": "...", "level": "info", "message": "..."}
[[nodiscard]] std::unique_ptr<spdlog::formatter> json_formatter();

} // namespace provenbl::tools
