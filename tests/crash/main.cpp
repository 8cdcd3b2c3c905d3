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
    auto* const aging = app.add_subcommand("age", "Makes of the store one of schema 1");
    auto* const damaging = app.add_subcommand("damage", "Makes derived tables wrong");
    auto* const repairing = app.add_subcommand("repair", "Makes them right again");
    bool check = false;
    looking->add_flag("--check", check, "also compare every table with every other");
    for (auto* const sub : {loading, looking, aging, damaging, repairing}) {
        sub->add_option("directory", load.directory, "the store")->required();
        sub->add_option("promises", promises, "what was acknowledged, a line each")->required();
    }
    for (auto* const sub : {loading, looking})
        sub->add_option("--backups", load.backups, "where hot copies are made, or looked at");
    for (auto* const sub : {loading, damaging, repairing}) {
        sub->add_option("--seed", load.seed, "of the events, of the damage, and of what a power cut leaves");
        sub->add_option("--cut", how, "kill or power")->check(CLI::IsMember({"kill", "power"}));
        sub->add_option("--after", after, "cut in this system call, counted from the start; 0: never");
        sub->add_option("--only", only, "count calls of this name only");
    }
    loading->add_option("--start-hour", load.start_hour, "of the injected clock");
    loading->add_option("--events", load.events, "end by itself after so many");
    loading->add_option("--fail", failure, "instead of a cut: the disk fails from that call on")
        ->check(CLI::IsMember({"io", "full", "half"}));
    loading->add_option("--times", times, "how many writes and syncs fail");
    loading->add_flag("--lie", lie, "syncs do nothing");
    looking->add_option("--serial-at-least", serial, "what the serial has been");
    CLI11_PARSE(app, argc, argv);
    try {
        if (looking->parsed()) {
            const auto found = look(load.directory, promises, serial, load.backups, check);
            for (const auto& fault : found.faults) fmt::print(stderr, "{}\n", fault);
            fmt::print("{{\"serial\": {}, \"promises\": {}, \"listed\": {}, \"map_size\": {}, \"backups\": {}, "
                       "\"faults\": {}}}\n",
                       found.serial, found.promises, found.listed, found.map_size, found.backups, found.faults.size());
            return found.faults.empty() ? 0 : 1;
        }
        if (aging->parsed()) return make_older(load.directory), 0;
        load.promises = ::open(promises.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (lie) lie_about_syncs();
        if (failure.empty())
            cut_after(how == "power" ? Cut::power : Cut::kill, after, only, load.seed, load.promises);
        else
            fail_after(failure == "io" ? Failure::io : failure == "full" ? Failure::full : Failure::half, after, times);
        if (damaging->parsed())
            damage(load.directory, load.seed);
        else if (repairing->parsed())
            fmt::print("{}\n", repair(load.directory));
        else
            run_load(load);
    } catch (const std::exception& error) {
        fmt::print(stderr, "crash_driver: {}\n", error.what());
        return 2;
    }
}
