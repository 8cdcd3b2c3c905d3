// The commands that keep and move a store, in this process and beside a running server: backup, restore, check,
// export, import, prune.
#pragma once

#include "tools/cli/exit_code.hpp"
#include "tools/cli/terminal.hpp"

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace provenbl::tools::cli {

// Adds a command with name, purpose, example, and what it does.
using AddCommand = std::function<CLI::App*(const std::string& name, const std::string& purpose,
                                           const std::string& example, std::function<Exit(Terminal&)> action)>;

// `json` is read when a command runs.
void define_keeping(const AddCommand& add, const std::string& default_configuration, const bool& json);

} // namespace provenbl::tools::cli
