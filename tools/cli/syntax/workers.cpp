#include "tools/cli/syntax/syntax.hpp"

namespace provenbl::tools::cli {

void Syntax::define_workers() {
    const auto group = begin_group("worker", "Workers: visits that are carried out in other networks",
                                   "provenbl worker add frankfurt --key KEY");
    auto& request = given_.worker;
    using Action = Exit (*)(const WorkerRequest&, Terminal&, bool);
    const auto add = [&](const char* name, const char* purpose, const char* example, Action action) {
        return command(name, purpose, example,
                       [this, action](Terminal& terminal) { return action(given_.worker, terminal, given_.json); });
    };
    const auto at_coordinator = [&](CLI::App* sub) {
        sub->add_option("-c,--config", request.place.file, "The coordinator's configuration, for its data_directory")
            ->capture_default_str();
        sub->add_option("--data", request.place.directory, "The data directory, instead");
        return sub;
    };
    const auto at_worker = [&](CLI::App* sub) {
        sub->add_option("-c,--config", request.file, "The worker's file")->capture_default_str();
    };
    auto* const added = at_coordinator(add("add", "Take visits' results from the worker with this key",
                                           "provenbl worker add frankfurt --key KEY", add_worker));
    added->add_option("name", request.name, "Its name: a-z, 0-9 and '-'")->required();
    added->add_option("--key", request.key, "What `provenbl worker key` prints there")->required();
    at_coordinator(add("list", "Show the workers", "provenbl worker list", list_workers));
    at_coordinator(
        add("remove", "Believe a worker no more, at once", "provenbl worker remove frankfurt", remove_worker))
        ->add_option("name", request.name, "Its name")
        ->required();
    at_worker(add("key", "At a worker: show its public key, and make one when there is none",
                  "provenbl worker key -c /etc/provenbl/worker.yaml", show_worker_key));
    at_worker(add("run", "At a worker: carry out visits until it is stopped",
                  "provenbl worker run -c /etc/provenbl/worker.yaml", run_worker));
}

} // namespace provenbl::tools::cli
