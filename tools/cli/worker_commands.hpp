// `provenbl worker`: who may carry out visits (at the coordinator), and the worker itself.
#pragma once

#include "tools/cli/exit_code.hpp"
#include "tools/cli/store_place.hpp"
#include "tools/cli/terminal.hpp"

#include <string>

namespace provenbl::tools::cli {

struct WorkerRequest {
    std::string name;
    std::string key;
    StorePlace place{"/etc/provenbl/provenbl.yaml", ""}; // of the coordinator's data directory
    std::string file = "/etc/provenbl/worker.yaml";      // of a worker's settings
};

[[nodiscard]] Exit add_worker(const WorkerRequest& request, Terminal& terminal, bool json);
[[nodiscard]] Exit list_workers(const WorkerRequest& request, Terminal& terminal, bool json);
[[nodiscard]] Exit remove_worker(const WorkerRequest& request, Terminal& terminal, bool json);
// The worker's own key, made when there is none yet.
[[nodiscard]] Exit show_worker_key(const WorkerRequest& request, Terminal& terminal, bool json);
// Runs until SIGINT or SIGTERM.
[[nodiscard]] Exit run_worker(const WorkerRequest& request, Terminal& terminal, bool json);

} // namespace provenbl::tools::cli
