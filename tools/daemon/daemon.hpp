// `provenbl run`: one process from its configuration to an orderly stop.
#pragma once

#include "tools/cli/exit_code.hpp"
#include "tools/cli/terminal.hpp"
#include "tools/config/configuration.hpp"

namespace provenbl::tools {

// Runs until SIGINT or SIGTERM. When everything listens, one line goes to standard output (JSON if `json`) and, if
// ready_fd is not negative, a newline to that descriptor, which is closed then. SIGHUP is ignored: a new configuration
// takes a restart.
[[nodiscard]] cli::Exit run_daemon(const Configuration& configuration, Role role, int ready_fd, bool json,
                                   cli::Terminal& terminal);

} // namespace provenbl::tools
