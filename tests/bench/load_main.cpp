// bench_load: runs the load generator for a while and prints what came of it as JSON.
#include "tests/bench/load.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <exception>

int main(int argc, char** argv) {
    using namespace provenbl;
    using namespace provenbl::bench;
    std::string server;
    std::string file;
    double seconds = 1;
    double timeout_ms = 100;
    int core = -1;
    LoadSettings settings;
    CLI::App app{"Asks a DNS server as fast as it can, or at a rate, and checks every answer. Prints JSON."};
    app.add_option("server", server, "address:port")->required();
    app.add_option("file", file, "queries, as bench_data writes them")->required();
    app.add_option("--seconds", seconds, "how long")->check(CLI::Range(0.01, 3600.0));
    app.add_option("--window", settings.window, "queries in flight")->check(CLI::Range(1, 60000));
    app.add_option("--sockets", settings.sockets, "source ports, so that SO_REUSEPORT spreads")
        ->check(CLI::Range(1, 256));
    app.add_option("--rate", settings.rate, "queries a second whatever comes back; 0: as fast as answers come");
    app.add_option("--timeout-ms", timeout_ms, "after which a query counts as lost")->check(CLI::Range(1.0, 60000.0));
    app.add_option("--core", core, "the core to run on");
    app.add_option("--first", settings.first, "the query of the file to begin with");
    app.add_flag("--echo", settings.echo, "the server is bench_echo: don't look into answers");
    CLI11_PARSE(app, argc, argv);
    try {
        settings.server = Endpoint::parse(server).value();
        settings.duration = std::chrono::nanoseconds{static_cast<std::int64_t>(seconds * 1e9)};
        settings.timeout = std::chrono::nanoseconds{static_cast<std::int64_t>(timeout_ms * 1e6)};
        const QueryFile queries(file);
        if (core >= 0) pin_to_core(static_cast<unsigned>(core));
        const auto result = run_load(queries, settings);
        const auto ms = [](std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; };
        const auto took = ms(result.took) / 1e3;
        fmt::print("{{\"seconds\": {:.3f}, \"sent\": {}, \"answered\": {}, \"lost\": {}, \"wrong\": {}, \"stray\": {}, "
                   "\"qps\": {:.0f}, \"silence_ms\": {:.3f}, \"silence_with_absence_ms\": {:.3f}, \"p50_ms\": {:.3f}, "
                   "\"p99_ms\": {:.3f}, \"p999_ms\": {:.3f}, \"longest_ms\": {:.3f}, \"first_wrong\": \"{}\"}}\n",
                   took, result.sent, result.answered, result.lost, result.wrong, result.stray,
                   static_cast<double>(result.answered) / took, ms(result.silence), ms(result.silence_with_absence),
                   ms(result.latency.quantile(0.5)), ms(result.latency.quantile(0.99)),
                   ms(result.latency.quantile(0.999)), ms(result.latency.longest()), result.first_wrong);
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_load: {}\n", error.what());
        return 1;
    }
}
