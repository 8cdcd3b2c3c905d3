// bench_keeping: a store that has lived for long, and how long it takes to open it, to check it and to back it up.
#include "store/backup.hpp"
#include "store/check.hpp"
#include "tests/bench/life_writer.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <sys/resource.h>

namespace {

template <class F> double seconds(F&& work) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

double peak_mebibytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

} // namespace

int main(int argc, char** argv) {
    using namespace provenbl;
    std::filesystem::path directory;
    bench::Life life;
    bool copy = false;
    CLI::App app{"Makes a store that has lived for long (unless it is there), then opens, checks and copies it."};
    app.add_option("directory", directory, "where; made when it is not there")->required();
    app.add_option("--hosts", life.hosts, "known hosts; every fifth is listed")->check(CLI::Range(100U, 50'000'000U));
    app.add_option("--rounds", life.rounds, "journal entries of each host; even")->check(CLI::Range(2U, 100U));
    app.add_flag("--backup", copy, "also back it up, beside it");
    CLI11_PARSE(app, argc, argv);
    try {
        if (life.rounds % 2 != 0) throw std::runtime_error("--rounds must be even");
        const auto store_directory = directory / "store";
        const SystemClock clock;
        double writing = 0;
        if (!std::filesystem::exists(store_directory / "data.mdb"))
            writing = seconds([&] { bench::write_life(store_directory, life); });
        StoreOptions options;
        options.directory = store_directory;
        options.read_only = true;
        std::unique_ptr<Store> store;
        const auto opening = seconds([&] { store = Store::open(options, clock).value(); });
        const auto statistics = store->statistics();
        check::Summary summary;
        check::Options how;
        how.finding = [](const check::Finding& finding) {
            fmt::print(stderr, "{} {}: {}\n", finding.table, finding.key, finding.what);
        };
        const auto checking = seconds([&] { summary = check::run(*store, how, clock.now()).value(); });
        double copying = 0;
        std::uint64_t copied = 0;
        if (copy) {
            std::filesystem::remove(directory / "copy");
            copying = seconds([&] { copied = backup::make(*store, directory / "copy", clock).value().manifest.bytes; });
            std::filesystem::remove(directory / "copy");
        }
        fmt::print("{{\"hosts\": {}, \"listed\": {}, \"journal\": {}, \"file_bytes\": {}, \"bytes_per_host\": {:.0f}, "
                   "\"write_s\": {:.1f}, \"open_s\": {:.4f}, \"check_s\": {:.1f}, \"records\": {}, \"findings\": {}, "
                   "\"backup_s\": {:.1f}, \"backup_bytes\": {}, \"peak_rss_mib\": {:.0f}}}\n",
                   statistics.hosts, statistics.listed4, statistics.journal, statistics.map_used,
                   static_cast<double>(statistics.map_used) / static_cast<double>(statistics.hosts), writing, opening,
                   checking, summary.records, summary.findings, copying, copied, peak_mebibytes());
        return summary.findings == 0 ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_keeping: {}\n", error.what());
        return 1;
    }
}
