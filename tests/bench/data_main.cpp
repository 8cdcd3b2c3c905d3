// bench_data: makes a data set and the queries for it (data_set.hpp, query_file.hpp, data_writers.hpp).
#include "tests/bench/data_writers.hpp"
#include "tests/bench/query_file.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <exception>

int main(int argc, char** argv) {
    using namespace provenbl::bench;
    std::filesystem::path directory;
    std::size_t size = 1'000'000;
    std::uint64_t seed = 1;
    bool zone = false;
    bool scattered = false;
    QueryMix mix;
    CLI::App app{"Makes a data set for measuring: a provenbl store, rbldnsd files, a zone file, and queries."};
    app.add_option("directory", directory, "where to write; made when it is not there")->required();
    app.add_option("--size", size, "IPv4 addresses; 5 % as many IPv6 addresses come on top")
        ->check(CLI::Range(1000U, 50'000'000U));
    app.add_option("--seed", seed, "another seed makes another list");
    app.add_flag("--zone", zone, "write the zone file too (about 130 octets a name)");
    app.add_flag("--scattered", scattered, "store the entries in random order, as they come in life");
    app.add_option("--queries", mix.count, "how many queries")->check(CLI::Range(1000U, 50'000'000U));
    app.add_option("--hits", mix.hits_percent, "percentage of queries for listed addresses")->check(CLI::Range(0, 100));
    app.add_option("--edns", mix.edns_percent, "percentage of queries with EDNS")->check(CLI::Range(0, 100));
    CLI11_PARSE(app, argc, argv);
    try {
        std::filesystem::create_directories(directory);
        const auto set = make_data_set(size, seed);
        const auto arrival = scattered ? Arrival::scattered : Arrival::in_order;
        std::filesystem::remove_all(directory / "store");
        const auto stored = write_store(directory / "store", set, arrival, seed);
        write_rbldnsd(directory / "rbldnsd4", directory / "rbldnsd6", set);
        if (zone) write_zone(directory / "bl.example.zone", set);
        write_queries(directory / "queries", set, mix, seed + 1);
        fmt::print("{{\"ipv4\": {}, \"networks\": {}, \"ipv6\": {}, \"queries\": {}, \"index_pages\": {}, "
                   "\"index_bytes_per_entry\": {:.1f}, \"file_bytes\": {}, \"first_listed\": \"{}\"}}\n",
                   set.v4.size(), set.networks.size(), set.v6.size(), mix.count, stored.pages,
                   static_cast<double>(stored.pages * stored.page_size) / static_cast<double>(stored.entries),
                   stored.file, set.v4.front().address.to_string());
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_data: {}\n", error.what());
        return 1;
    }
}
