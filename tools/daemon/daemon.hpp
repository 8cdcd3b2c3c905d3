// `provenbl run`: one process from its configuration to an orderly stop.
#pragma once

#include "tools/cli/exit_code.hpp"
#include "tools/cli/terminal.hpp"
#include "tools/config/configuration.hpp"
#include "tools/config/load.hpp"

#include <filesystem>

namespace provenbl::tools {

// Runs until SIGINT or SIGTERM. When everything listens, one line goes to standard output (JSON if `json`) and, if
// ready_fd is not negative, a newline to that descriptor, which is closed then. SIGHUP has the file read again
// (reloader.hpp). `loaded` is what it said at the start, without a problem.
[[nodiscard]] cli::Exit run_daemon(const std::filesystem::path& file, const Loaded& loaded, Role role, int ready_fd,
                                   bool json, cli::Terminal& terminal);

} // namespace provenbl::tools
