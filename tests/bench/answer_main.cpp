// bench_answer: what the responder itself costs, without sockets: nanoseconds a query on the hot path, in batches as
// the UDP workers have them, on the made-up list and queries. For a profile of what is ours alone.
#include "dnsbl/fast_path.hpp"
#include "tests/bench/query_file.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>

namespace {

using namespace provenbl;
using Steady = std::chrono::steady_clock;

constexpr std::size_t batch = 64;

zones::ZoneSet one_zone() {
    zones::ZoneDefinition zone;
    zone.apex = std::string(bench::apex);
    for (const auto cls : all_listing_classes) zone.classes.insert(cls);
    zone.codes = zones::default_codes();
    zone.page = "https://bl.example/{address}";
    zone.soa.rname = "hostmaster@bl.example";
    zone.name_servers = {{"ns1.bl.example", {Address::v4(192, 0, 2, 53)}}};
    zones::ZoneSet set;
    set.zones.push_back(zone);
    return set;
}

zones::Index index_of(const bench::DataSet& set) {
    zones::Index::Builder builder;
    for (const auto& entry : set.v4) builder.add(entry.address, {entry.cls});
    for (const auto& entry : set.v6) builder.add(entry.address, {entry.cls});
    return builder.build();
}

struct Spent {
    std::array<Steady::duration, 3> steps{}; // reading, finding, answering
    std::size_t answered = 0;
    std::size_t left = 0;
};

Spent answer_all(const bench::QueryFile& file, const dnsbl::FastPath& fast_path, const zones::Snapshot& snapshot) {
    Spent spent;
    std::array<dnsbl::FastQuestion, batch> questions;
    std::array<std::array<std::uint8_t, dnsbl::Responder::smallest_buffer + 112>, batch> rooms{};
    std::span<const bench::QueryFile::Query> rest = file.queries();
    const auto message = [&](std::size_t i) {
        return std::span(reinterpret_cast<const std::uint8_t*>(rest[i].wire), rest[i].size);
    };
    while (!rest.empty()) {
        const auto count = std::min(batch, rest.size());
        const auto start = Steady::now();
        for (std::size_t i = 0; i < count; ++i) questions[i] = fast_path.read(message(i));
        const auto read = Steady::now();
        dnsbl::FastPath::find({questions.data(), count}, snapshot);
        const auto found = Steady::now();
        for (std::size_t i = 0; i < count; ++i) {
            dnsbl::Outcome outcome;
            const bool done =
                questions[i].taken && fast_path.answer(message(i), questions[i], snapshot, rooms[i], outcome);
            ++(done ? spent.answered : spent.left);
        }
        spent.steps[0] += read - start;
        spent.steps[1] += found - read;
        spent.steps[2] += Steady::now() - found;
        rest = rest.subspan(count);
    }
    return spent;
}

} // namespace

int main(int argc, char** argv) {
    std::filesystem::path file = "/tmp/provenbl-queries";
    std::size_t size = 1'000'000;
    unsigned rounds = 5;
    bench::QueryMix mix;
    CLI::App app{"Answers queries without sockets and prints what each step costs, as JSON."};
    app.add_option("--file", file, "where the queries are written");
    app.add_option("--size", size, "IPv4 addresses")->check(CLI::Range(1000U, 50'000'000U));
    app.add_option("--rounds", rounds, "the fastest counts")->check(CLI::Range(1U, 1000U));
    app.add_option("--queries", mix.count, "how many")->check(CLI::Range(1000U, 50'000'000U));
    app.add_option("--edns", mix.edns_percent, "percentage of queries with EDNS")->check(CLI::Range(0, 100));
    CLI11_PARSE(app, argc, argv);
    try {
        const auto set = bench::make_data_set(size, 1);
        bench::write_queries(file, set, mix, 2);
        const bench::QueryFile queries(file);
        std::filesystem::remove(file);
        const auto start = Steady::now();
        const zones::Snapshot snapshot{index_of(set), 1};
        const std::chrono::duration<double> building = Steady::now() - start;
        const dnsbl::Responder responder(one_zone(), {});
        const dnsbl::FastPath fast_path(responder);
        Spent best = answer_all(queries, fast_path, snapshot);
        const auto total = [](const Spent& spent) { return spent.steps[0] + spent.steps[1] + spent.steps[2]; };
        for (unsigned round = 1; round < rounds; ++round) {
            const auto spent = answer_all(queries, fast_path, snapshot);
            if (total(spent) < total(best)) best = spent;
        }
        const auto each = [&](std::size_t step) {
            return std::chrono::duration<double, std::nano>(best.steps[step]).count() / static_cast<double>(mix.count);
        };
        fmt::print("{{\"read_ns\": {:.1f}, \"find_ns\": {:.1f}, \"answer_ns\": {:.1f}, \"answered\": {}, \"left\": {}, "
                   "\"index_bytes\": {}, \"entries\": {}, \"building_s\": {:.3f}}}\n",
                   each(0), each(1), each(2), best.answered, best.left, snapshot.index.memory(), snapshot.index.size(),
                   building.count());
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_answer: {}\n", error.what());
        return 1;
    }
}
