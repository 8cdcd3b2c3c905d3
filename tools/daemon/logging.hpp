// What is logged goes to standard error: lines for people, or one JSON object a line. Each part of the program
// (store/log.hpp) has a level of its own.
#pragma once

#include "tools/config/configuration.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace spdlog {
class formatter;
class logger;
namespace sinks {
class sink;
}
} // namespace spdlog

namespace provenbl::tools {

// Every later line of this process is logged so.
void start_logging(const LogSettings& settings);
// For loggers that others use meanwhile.
void change_logging(const LogSettings& settings);

// {"time": "...", "level": "info", "part": "dns", "message": "..."}
[[nodiscard]] std::unique_ptr<spdlog::formatter> json_formatter();

// The default logger, named "provenbl", then one for each part. All write to `sink`.
[[nodiscard]] std::vector<std::shared_ptr<spdlog::logger>>
make_loggers(const LogSettings& settings, const std::shared_ptr<spdlog::sinks::sink>& sink);
// What holds for a part: its own level, or log.level.
[[nodiscard]] std::string level_of(const LogSettings& settings, std::string_view part);

} // namespace provenbl::tools
