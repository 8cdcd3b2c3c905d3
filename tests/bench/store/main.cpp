// bench_store: makes a store as it is after years, and measures it (docs/store-performance.md).
#include "tests/bench/store/big_store.hpp"
#include "tests/bench/store/measures.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <exception>

namespace {

double ms(std::chrono::nanoseconds time) {
    return static_cast<double>(time.count()) / 1e6;
}

void row(const char* what, const std::string& found) {
    fmt::print("| {:<52} | {} |\n", what, found);
    std::fflush(stdout);
}

std::string spread(const provenbl::bench::LatencyHistogram& times) {
    return fmt::format("p50 {:.3f} ms, p99 {:.3f} ms, longest {:.3f} ms", ms(times.quantile(0.5)),
                       ms(times.quantile(0.99)), ms(times.longest()));
}

void change_rows(const std::filesystem::path& directory, const provenbl::bench::ChangeLoad& load, const char* what) {
    const auto changed = provenbl::bench::measure_changes(directory, load);
    const auto seconds = ms(changed.took) / 1e3;
    row(what, fmt::format("{:.0f} a second for {:.1f} s, {} refused, {:.0f} in a commit, {}",
                          static_cast<double>(changed.changes) / seconds, seconds, changed.refused,
                          static_cast<double>(changed.changes) / static_cast<double>(changed.commits),
                          changed.followed ? "index up to date at the end" : "INDEX BEHIND"));
    row("... from submission to acknowledgement", spread(changed.waited));
    row("... index lookups beside it", fmt::format("{:.0f} a second", static_cast<double>(changed.lookups) / seconds));
}

} // namespace

int main(int argc, char** argv) {
    using namespace provenbl::bench;
    std::filesystem::path directory;
    BigStore size;
    ChangeLoad paced;
    std::uint64_t seconds = 10;
    CLI::App app{"Makes a store as it is after years, and measures it. Prints a table."};
    app.require_subcommand(1);
    auto* const make = app.add_subcommand("make", "Write the store");
    auto* const measure = app.add_subcommand("measure", "Measure it; lists and delists hosts in it");
    for (auto* const sub : {make, measure}) {
        sub->add_option("directory", directory, "the store")->required();
        sub->add_option("--hosts", size.hosts, "how many are known")->check(CLI::Range(1000U, 50'000'000U));
        sub->add_option("--listed", size.listed, "... of them listed");
        sub->add_option("--entries", size.entries_each, "journal entries of each; even")->check(CLI::Range(4U, 100U));
    }
    measure->add_option("--rate", paced.rate, "listing changes a second");
    measure->add_option("--seconds", seconds, "of changes at that rate, and again as fast as they are taken");
    CLI11_PARSE(app, argc, argv);
    try {
        if (make->parsed()) {
            const auto bytes =
                write_big_store(directory, size, [](const char* what) { fmt::print(stderr, "writing {}\n", what); });
            row("hosts, listed, journal entries",
                fmt::format("{}, {}, {}", size.hosts, size.listed, std::uint64_t{size.hosts} * size.entries_each));
            row("file in use", fmt::format("{:.2f} GiB, {:.0f} bytes a host", static_cast<double>(bytes) / (1U << 30U),
                                           static_cast<double>(bytes) / size.hosts));
            return 0;
        }
        const auto start = measure_start(directory);
        row("opening the store", fmt::format("{:.1f} ms", ms(start.open)));
        row("reading the serving index", fmt::format("{:.0f} ms, {} listed", ms(start.index), start.listed));
        row("`why` of a host at random, 2000 times", spread(measure_why(directory, size.hosts, 2000)));
        row("one page written and synced, 200 times", spread(measure_sync(directory, 200)));
        paced.duration = std::chrono::seconds(seconds);
        change_rows(directory, paced, fmt::format("listing changes, {:.0f} a second asked", paced.rate).c_str());
        change_rows(directory, {0, std::chrono::seconds(seconds)}, "listing changes, as many as are taken");
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_store: {}\n", error.what());
        return 1;
    }
}
