// What watching costs a thread that answers: nanoseconds a query for answering, for counting, and for showing each
// message to query log and dnstap, on the load generator's mix of queries, without sockets.
//
//   bench_watch [--entries 100000] [--batches 20000]
//
// Each part is timed by itself, batch by batch; between batches the queues are let run empty, as they are in a server
// whose threads also receive and send. Under callgrind the instructions of the parts can be read off the functions.
#include "dnsbl/fast_path.hpp"
#include "dnsbl/responder.hpp"
#include "dnsbl/watch/watch.hpp"
#include "tests/bench/data_set.hpp"
#include "tests/bench/query_file.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <thread>

namespace provenbl::bench {
namespace {

using dnsbl::FastPath;
using dnsbl::Outcome;
using dnsbl::Responder;
using Steady = std::chrono::steady_clock;

constexpr std::size_t batch_size = 64;

zones::ZoneSet zone_set() {
    zones::ZoneDefinition zone;
    zone.apex = std::string{apex};
    for (const auto cls : all_listing_classes) zone.classes.insert(cls);
    zone.codes = zones::default_codes();
    zone.page = "https://bl.example/{address}";
    zone.soa.rname = "hostmaster@bl.example";
    zone.name_servers = {{"ns.elsewhere.example", {}}};
    return {{zone}, {}};
}

zones::Snapshot snapshot_of(const DataSet& set) {
    std::vector<zones::IndexChange> changes;
    for (const auto& entry : set.v4) changes.push_back({entry.address, {entry.cls}});
    for (const auto& entry : set.v6) changes.push_back({entry.address, {entry.cls}});
    return {zones::Index{}.with_changes(changes), 1};
}

// 30 % hits, 80 % A, 12 % TXT, 8 % AAAA: as the load generator asks.
std::vector<std::string> queries_of(const DataSet& set, std::size_t count) {
    Dice dice(2);
    std::vector<std::string> queries;
    for (std::size_t i = 0; i < count; ++i) {
        const auto address = dice.percent(30) ? set.v4[dice.below(static_cast<std::uint32_t>(set.v4.size()))].address
                                              : Address::v4(any_public(dice));
        const auto type = dice.percent(12) ? Type::txt : dice.percent(9) ? Type::aaaa : Type::a;
        queries.push_back(wire_query(address, type, false));
    }
    return queries;
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Cost {
    double answering = 0;
    double counting = 0;
    double observing = 0; // nanoseconds a query
    std::uint64_t dropped = 0;
};

Cost measure(const Responder& responder, const FastPath& fast_path, const zones::Snapshot& snapshot,
             const std::vector<std::string>& queries, const dnsbl::watch::WatchSettings& settings,
             std::size_t batches) {
    dnsbl::watch::Watch watch(responder.zones().zones(), settings, 1);
    auto& recorder = watch.add_recorder(dnsbl::Transport::udp);
    watch.start();
    while (settings.dnstap.enabled() && !watch.statistics().dnstap->connected) std::this_thread::yield();
    std::vector<std::uint8_t> answers(batch_size * Responder::smallest_buffer);
    std::array<dnsbl::FastQuestion, batch_size> questions;
    std::array<Outcome, batch_size> outcomes;
    dnsbl::Asker asker;
    asker.client = {Address::v4(192, 0, 2, 1), 4242};
    const Endpoint server{Address::v4(192, 0, 2, 53), 53};
    Steady::duration answering{};
    Steady::duration counting{};
    Steady::duration observing{};
    const auto room = [&](std::size_t i) {
        return std::span(answers).subspan(i * Responder::smallest_buffer, Responder::smallest_buffer);
    };
    for (std::size_t batch = 0; batch < batches; ++batch) {
        const auto* const first = &queries[batch * batch_size % (queries.size() - batch_size)];
        const auto began = Steady::now();
        for (std::size_t i = 0; i < batch_size; ++i) questions[i] = fast_path.read(bytes_of(first[i]));
        FastPath::find(questions, snapshot);
        for (std::size_t i = 0; i < batch_size; ++i) {
            const auto message = bytes_of(first[i]);
            outcomes[i] = {};
            if (!questions[i].taken || !fast_path.answer(message, questions[i], snapshot, room(i), outcomes[i]))
                outcomes[i] = responder.respond(message, asker, snapshot, room(i));
        }
        const auto answered = Steady::now();
        for (std::size_t i = 0; i < batch_size; ++i) recorder.count(outcomes[i]);
        recorder.took(answered - began, batch_size);
        const auto counted = Steady::now();
        if (recorder.watched()) {
            const auto now = std::chrono::system_clock::now();
            for (std::size_t i = 0; i < batch_size; ++i)
                recorder.observe(
                    {asker, server, bytes_of(first[i]), outcomes[i], room(i).first(outcomes[i].size), now, now});
        }
        const auto observed = Steady::now();
        answering += answered - began;
        counting += counted - answered;
        observing += observed - counted;
        if (recorder.watched() && batch % 4 == 3) std::this_thread::sleep_for(std::chrono::microseconds{500});
    }
    const auto sum = watch.statistics();
    watch.stop();
    const auto each = [&](Steady::duration all) {
        return std::chrono::duration<double, std::nano>(all).count() / static_cast<double>(batches * batch_size);
    };
    return {each(answering), each(counting), each(observing),
            (sum.query_log ? sum.query_log->dropped : 0) + (sum.dnstap ? sum.dnstap->dropped : 0)};
}

int run(std::size_t entries, std::size_t batches) {
    const auto set = make_data_set(entries, 1);
    const auto snapshot = snapshot_of(set);
    const auto queries = queries_of(set, 50'000);
    const Responder responder(zone_set(), {});
    const FastPath fast_path(responder);
    using dnsbl::watch::DnstapMessages;
    const auto log = [](std::uint32_t sample) {
        dnsbl::watch::WatchSettings settings;
        settings.query_log.file = "/dev/null";
        settings.query_log.sample = sample;
        return settings;
    };
    const auto tap = [](std::uint32_t sample, DnstapMessages messages) {
        dnsbl::watch::WatchSettings settings;
        settings.dnstap.file = "/dev/null";
        settings.dnstap.sample = sample;
        settings.dnstap.messages = messages;
        return settings;
    };
    const std::vector<std::pair<std::string, dnsbl::watch::WatchSettings>> ways{
        {"counters alone", {}},
        {"query log 1/1000", log(1000)},
        {"query log 1/1", log(1)},
        {"dnstap, responses", tap(1, DnstapMessages::responses)},
        {"dnstap, all", tap(1, DnstapMessages::all)},
        {"dnstap, all, 1/10", tap(10, DnstapMessages::all)},
    };
    fmt::print("{:<20} {:>10} {:>10} {:>10} {:>10}\n", "ns a query", "answering", "counting", "observing", "dropped");
    for (const auto& [name, settings] : ways) {
        const auto cost = measure(responder, fast_path, snapshot, queries, settings, batches);
        fmt::print("{:<20} {:>10.1f} {:>10.2f} {:>10.2f} {:>10}\n", name, cost.answering, cost.counting, cost.observing,
                   cost.dropped);
    }
    return 0;
}

} // namespace
} // namespace provenbl::bench

int main(int argc, char** argv) {
    CLI::App app{"What watching costs a thread that answers"};
    std::size_t entries = 100'000;
    std::size_t batches = 20'000;
    app.add_option("--entries", entries)->check(CLI::Range(1000, 5'000'000))->capture_default_str();
    app.add_option("--batches", batches)->check(CLI::Range(100, 10'000'000))->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    return provenbl::bench::run(entries, batches);
}
