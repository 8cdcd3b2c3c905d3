// bench_changes: commits changes to a store that is being served and times how soon DNS says so. Prints JSON.
#include "tests/bench/changes.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <exception>

int main(int argc, char** argv) {
    using namespace provenbl;
    using namespace provenbl::bench;
    ChangesSettings settings;
    std::string server;
    double seconds = 5;
    double interval_ms = 5;
    double timeout_ms = 2000;
    CLI::App app{"Changes a served list and asks until the answers follow. Prints JSON."};
    app.add_option("directory", settings.directory, "the store")->required()->check(CLI::ExistingDirectory);
    app.add_option("server", server, "address:port")->required();
    app.add_option("--rate", settings.rate, "changes a second")->check(CLI::Range(0.1, 1e6));
    app.add_option("--interval-ms", interval_ms, "between commits")->check(CLI::Range(0.1, 10000.0));
    app.add_option("--seconds", seconds, "how long")->check(CLI::Range(0.1, 3600.0));
    app.add_option("--timeout-ms", timeout_ms, "after which a change counts as lost");
    CLI11_PARSE(app, argc, argv);
    try {
        const auto from_ms = [](double ms) { return std::chrono::nanoseconds{static_cast<std::int64_t>(ms * 1e6)}; };
        const auto ms = [](std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; };
        settings.server = Endpoint::parse(server).value();
        settings.interval = from_ms(interval_ms);
        settings.duration = from_ms(seconds * 1e3);
        settings.timeout = from_ms(timeout_ms);
        const auto result = run_changes(settings);
        fmt::print("{{\"changes\": {}, \"groups\": {}, \"seconds\": {:.3f}, \"rate\": {:.0f}, \"lost\": {}, "
                   "\"late\": {}, \"asked_again\": {}, \"wrong_at_end\": {}, \"visible_p50_ms\": {:.3f}, "
                   "\"visible_p99_ms\": {:.3f}, \"visible_longest_ms\": {:.3f}, \"commit_p50_ms\": {:.3f}, "
                   "\"commit_p99_ms\": {:.3f}, \"commit_longest_ms\": {:.3f}}}\n",
                   result.changes, result.groups, ms(result.took) / 1e3,
                   static_cast<double>(result.changes) / (ms(result.took) / 1e3), result.lost, result.late,
                   result.unanswered, result.wrong_at_end, ms(result.visible.quantile(0.5)),
                   ms(result.visible.quantile(0.99)), ms(result.visible.longest()), ms(result.commit.quantile(0.5)),
                   ms(result.commit.quantile(0.99)), ms(result.commit.longest()));
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_changes: {}\n", error.what());
        return 1;
    }
}
