// crash_driver: loads a store until it is killed, or looks at what is left. crash_test.py is what kills it.
#include "tests/crash/cut.hpp"
#include "tests/crash/load.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <fcntl.h>

int main(int argc, char** argv) {
    using namespace provenbl::crash;
    CLI::App app{"Loads a store until it is killed, or looks at what is left."};
    app.require_subcommand(1);
    Load load;
    std::filesystem::path promises;
    std::string how = "kill";
    std::string only;
    std::uint64_t after = 0;
    std::uint64_t serial = 0;
    bool lie = false;
    std::string failure;
    std::uint64_t times = 1;
    auto* const loading = app.add_subcommand("load", "Random events until the end comes");
    auto* const looking = app.add_subcommand("look", "Says what is wrong; exits with 1 when something is");
    for (auto* const sub : {loading, looking}) {
        sub->add_option("--backups", load.backups, "where hot copies are made, or looked at");
        sub->add_option("directory", load.directory, "the store")->required();
        sub->add_option("promises", promises, "what was acknowledged, a line each")->required();
    }
    loading->add_option("--seed", load.seed, "of the events, and of what a power cut leaves");
    loading->add_option("--start-hour", load.start_hour, "of the injected clock");
    loading->add_option("--events", load.events, "end by itself after so many");
    loading->add_option("--cut", how, "kill or power")->check(CLI::IsMember({"kill", "power"}));
    loading->add_option("--after", after, "cut in this system call, counted from the start; 0: never");
    loading->add_option("--only", only, "count calls of this name only");
    loading->add_option("--fail", failure, "instead of a cut: the disk fails from that call on")
        ->check(CLI::IsMember({"io", "full", "half"}));
    loading->add_option("--times", times, "how many writes and syncs fail");
    loading->add_flag("--lie", lie, "syncs do nothing");
    looking->add_option("--serial-at-least", serial, "what the serial has been");
    CLI11_PARSE(app, argc, argv);
    try {
        if (looking->parsed()) {
            const auto found = look(load.directory, promises, serial, load.backups);
            for (const auto& fault : found.faults) fmt::print(stderr, "{}\n", fault);
            fmt::print("{{\"serial\": {}, \"promises\": {}, \"listed\": {}, \"map_size\": {}, \"backups\": {}, "
                       "\"faults\": {}}}\n",
                       found.serial, found.promises, found.listed, found.map_size, found.backups, found.faults.size());
            return found.faults.empty() ? 0 : 1;
        }
        load.promises = ::open(promises.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (lie) lie_about_syncs();
        if (failure.empty())
            cut_after(how == "power" ? Cut::power : Cut::kill, after, only, load.seed, load.promises);
        else
            fail_after(failure == "io" ? Failure::io : failure == "full" ? Failure::full : Failure::half, after, times);
        run_load(load);
    } catch (const std::exception& error) {
        fmt::print(stderr, "crash_driver: {}\n", error.what());
        return 2;
    }
}
