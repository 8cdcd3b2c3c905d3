// bench_keeping: what tests/bench/keeping measures with. Each command prints one line of JSON.
#include "store/backup.hpp"
#include "store/check.hpp"
#include "tests/bench/ledger_load.hpp"
#include "tests/bench/life_writer.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <sys/resource.h>

namespace {

using namespace provenbl;

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

double ms(std::chrono::nanoseconds time) {
    return static_cast<double>(time.count()) / 1e6;
}

std::unique_ptr<Store> open(const std::filesystem::path& directory, const Clock& clock, bool read_only) {
    StoreOptions options;
    options.directory = directory;
    options.read_only = read_only;
    options.single_pages = !read_only; // as who lists and delists opens it
    return Store::open(options, clock).value();
}

void make(const std::filesystem::path& directory, const bench::Life& life) {
    const auto writing = seconds([&] { bench::write_life(directory, life); });
    const SystemClock clock;
    const auto all = open(directory, clock, true)->statistics();
    fmt::print("{{\"hosts\": {}, \"listed\": {}, \"journal\": {}, \"file_bytes\": {}, \"bytes_per_host\": {:.0f}, "
               "\"seconds\": {:.1f}}}\n",
               all.hosts, all.listed4, all.journal, all.map_used,
               static_cast<double>(all.map_used) / static_cast<double>(all.hosts), writing);
}

int check_store(const std::filesystem::path& directory) {
    const SystemClock clock;
    std::unique_ptr<Store> store;
    const auto opening = seconds([&] { store = open(directory, clock, true); });
    check::Options how;
    std::uint64_t told = 0;
    how.finding = [&](const check::Finding& finding) {
        if (++told <= 20) fmt::print(stderr, "{} {}: {}\n", finding.table, finding.key, finding.what);
    };
    check::Summary summary;
    const auto checking = seconds([&] { summary = check::run(*store, how, clock.now()).value(); });
    fmt::print("{{\"open_s\": {:.4f}, \"seconds\": {:.1f}, \"records\": {}, \"findings\": {}, \"peak_rss_mib\": "
               "{:.0f}}}\n",
               opening, checking, summary.records, summary.findings, peak_mebibytes());
    return summary.findings == 0 ? 0 : 1;
}

void back_up(const std::filesystem::path& directory) {
    const SystemClock clock;
    const auto store = open(directory, clock, true);
    const auto target = directory.parent_path() / "copy";
    std::filesystem::remove(target);
    std::uint64_t bytes = 0;
    const auto copying = seconds([&] { bytes = backup::make(*store, target, clock).value().manifest.bytes; });
    std::filesystem::remove(target);
    fmt::print("{{\"seconds\": {:.1f}, \"bytes\": {}}}\n", copying, bytes);
}

int change(const std::filesystem::path& directory, const bench::Life& life, const bench::LedgerLoad& load) {
    const SystemClock clock;
    const auto store = open(directory, clock, false);
    const auto done = bench::run_ledger_load(*store, life, load);
    fmt::print("{{\"changes\": {}, \"refused\": {}, \"seconds\": {:.2f}, \"a_second\": {:.0f}, \"commits\": {}, "
               "\"in_a_commit\": {:.0f}, \"durable_p50_ms\": {:.1f}, \"durable_p99_ms\": {:.1f}, "
               "\"durable_longest_ms\": {:.1f}}}\n",
               done.changes, done.refused, ms(done.took) / 1e3,
               static_cast<double>(done.changes) / (ms(done.took) / 1e3), done.commits,
               static_cast<double>(done.changes) / static_cast<double>(std::max<std::uint64_t>(1, done.commits)),
               ms(done.durable.quantile(0.5)), ms(done.durable.quantile(0.99)), ms(done.durable.longest()));
    return done.refused == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    std::filesystem::path directory;
    bench::Life life;
    bench::LedgerLoad load;
    double duration = 10;
    std::uint64_t number = 0;
    CLI::App app{"Makes a store that has lived for long, and times what keeping it costs."};
    app.require_subcommand(1);
    auto* const making = app.add_subcommand("make", "The store");
    auto* const addressing = app.add_subcommand("address", "Of a host of it, by its number");
    auto* const checking = app.add_subcommand("check", "Opens it and compares every table with every other");
    auto* const copying = app.add_subcommand("backup", "Copies it, beside it");
    auto* const changing = app.add_subcommand("changes", "Lists and delists through the ledger");
    for (auto* const sub : {making, addressing, changing}) {
        sub->add_option("--hosts", life.hosts, "known hosts; every fifth is listed")
            ->check(CLI::Range(100U, 50'000'000U));
        sub->add_option("--rounds", life.rounds, "journal entries of each host; even")->check(CLI::Range(2U, 100U));
    }
    addressing->add_option("--number", number, "from 0")->required();
    changing->add_option("--seconds", duration, "how long")->check(CLI::Range(0.1, 3600.0));
    changing->add_option("--at-once", load.at_once, "changes under way")->check(CLI::Range(1, 50'000));
    for (auto* const sub : {making, checking, copying, changing})
        sub->add_option("directory", directory, "the data directory")->required();
    CLI11_PARSE(app, argc, argv);
    try {
        if (life.rounds % 2 != 0) throw std::runtime_error("--rounds must be even");
        load.duration = std::chrono::nanoseconds{static_cast<std::int64_t>(duration * 1e9)};
        if (making->parsed()) make(directory, life);
        if (addressing->parsed()) fmt::print("\"{}\"\n", life.address(number).to_string());
        if (copying->parsed()) back_up(directory);
        if (checking->parsed()) return check_store(directory);
        if (changing->parsed()) return change(directory, life, load);
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_keeping: {}\n", error.what());
        return 1;
    }
}
