// bench_export: what publishing a zone costs, for each format: seconds until the file is on the disk, its size, and the
// most memory that the process had. Each format in a process of its own, over an index made before.
#include "store/durable_file.hpp"
#include "store/sha256.hpp"
#include "tests/bench/data_set.hpp"
#include "zones/export/format.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace provenbl::bench {
namespace {

zones::ZoneSet zone_set() {
    zones::ZoneDefinition zone;
    zone.apex = "bl.example";
    for (const auto cls : all_listing_classes) zone.classes.insert(cls);
    zone.codes = zones::default_codes();
    zone.page = "https://bl.example/{address}";
    zone.name_servers = {{"ns.other.example", {}}};
    return {{zone}, {}};
}

zones::Snapshot snapshot_of(std::size_t size) {
    const auto set = make_data_set(size, 1);
    zones::Index::Builder builder;
    for (const auto& entry : set.v4) builder.add(entry.address, {entry.cls});
    for (const auto& entry : set.v6) builder.add(entry.address, {entry.cls});
    return {builder.build(), 1};
}

// As tools/exports/export_file.cpp does it, without the manifest.
Result<zones::exports::Written> publish(const zones::exports::View& view, zones::exports::Format format,
                                        const std::filesystem::path& file) {
    auto made = DurableFile::create(file, 0666);
    if (!made) return made.error();
    Sha256 digest;
    const auto written = zones::exports::write(view, format, {}, [&](std::string_view piece) -> Result<> {
        digest.update(piece);
        return made->write(piece);
    });
    if (!written) return written.error();
    if (auto published = made->publish(file, true); !published) return published.error();
    return written;
}

// In a child, so that its peak is its own. It begins with what the index needs.
void measure(const zones::exports::View& view, zones::exports::Format format, const std::filesystem::path& file) {
    const auto child = ::fork();
    if (child != 0) {
        int status = 0;
        if (child < 0 || ::waitpid(child, &status, 0) < 0 || status != 0) throw std::runtime_error("a child failed");
        return;
    }
    rusage before{};
    ::getrusage(RUSAGE_SELF, &before);
    const auto begin = std::chrono::steady_clock::now();
    const auto written = publish(view, format, file);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    if (!written) {
        fmt::print(stderr, "bench_export: {}\n", written.error().message);
        ::_exit(1);
    }
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    fmt::print("{{\"format\": \"{}\", \"entries\": {}, \"bytes\": {}, \"seconds\": {:.3f}, \"cpu_seconds\": {:.3f}, "
               "\"start_kib\": {}, \"peak_kib\": {}}}\n",
               to_string(format), written->entries, written->bytes, spent.count(), cpu, before.ru_maxrss,
               usage.ru_maxrss);
    std::fflush(stdout);
    ::_exit(0);
}

} // namespace
} // namespace provenbl::bench

int main(int argc, char** argv) {
    using namespace provenbl;
    std::filesystem::path directory;
    std::size_t size = 1'000'000;
    CLI::App app{"Measures the publishing of a zone, format by format."};
    app.add_option("directory", directory, "where the files go")->required();
    app.add_option("--size", size, "IPv4 addresses; 5 % as many IPv6 addresses come on top")
        ->check(CLI::Range(1000U, 50'000'000U));
    CLI11_PARSE(app, argc, argv);
    try {
        std::filesystem::create_directories(directory);
        const auto set = bench::zone_set();
        const zones::ZoneTable table(set);
        const auto snapshot = bench::snapshot_of(size);
        for (const auto format : zones::exports::all_formats)
            bench::measure({table, table.zones()[0], snapshot}, format, directory / to_string(format));
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_export: {}\n", error.what());
        return 1;
    }
}
