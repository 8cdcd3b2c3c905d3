// What would have happened, and why, line by line.
#include "tools/cli/policy_commands.hpp"

#include "store/hosts.hpp"
#include "store/reporters.hpp"
#include "store/reports.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/store_place.hpp"
#include "tools/simulate/simulation.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <system_error>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

constexpr std::size_t scans_shown = 1000; // more than a store keeps
constexpr std::size_t outlook_shown = 20;

struct Policy {
    StorePlace place;
    std::string file;
    std::string address;
};

// A directory that goes when the simulation does.
class Scratch {
public:
    Scratch() {
        std::error_code failed;
        auto name = (std::filesystem::temp_directory_path(failed) / "provenbl-simulate-XXXXXX").string();
        if (!failed && ::mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~Scratch() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; } // empty: could not be made

private:
    std::filesystem::path path_;
};

std::string subject(const simulate::Event& event) {
    if (event.what == simulate::Event::What::time) return "time";
    if (event.what == simulate::Event::What::exclude) return "exclude " + event.exclusion.prefix.to_string();
    auto text = fmt::format("{} {}", to_string(event.what), event.host.to_string());
    if (event.what == simulate::Event::What::report) text += " by " + event.reporter;
    return text;
}

json::object object_of(const simulate::Event& event, const simulate::Told& told) {
    json::object object{{"line", event.line},
                        {"at", provenbl::to_string(event.at)},
                        {"event", to_string(event.what)},
                        {"decision", to_string(told.what)},
                        {"why", printable(told.why)}};
    if (event.what == simulate::Event::What::exclude) object["prefix"] = event.exclusion.prefix.to_string();
    if (event.what == simulate::Event::What::exclude || event.what == simulate::Event::What::time) return object;
    object["host"] = event.host.to_string();
    object["before"] = to_string(told.before);
    object["after"] = to_string(told.after);
    if (told.next)
        object["next"] =
            json::object{{"kind", provenbl::to_string(told.next_kind)}, {"at", provenbl::to_string(*told.next)}};
    return object;
}

Colour colour_of(simulate::Told::What what) {
    switch (what) {
    case simulate::Told::What::listed:
        return Colour::red;
    case simulate::Told::What::delisted:
    case simulate::Told::What::reduced:
        return Colour::green;
    case simulate::Told::What::refused:
        return Colour::yellow;
    default:
        return Colour::plain;
    }
}

void tell(Terminal& terminal, const simulate::Event& event, const simulate::Told& told) {
    std::string text = terminal.paint(colour_of(told.what), std::string(to_string(told.what)));
    if (told.before != told.after) text += " as " + to_string(told.after.empty() ? told.before : told.after);
    terminal.line(
        fmt::format("line {}  {}  {}: {}", event.line, provenbl::to_string(event.at), printable(subject(event)), text));
    if (!told.why.empty()) terminal.line("    " + printable(told.why));
    if (told.next)
        terminal.line(Colour::dim, fmt::format("    next visit: {} at {}", provenbl::to_string(told.next_kind),
                                               provenbl::to_string(*told.next)));
}

void tell_outlook(Terminal& terminal, const simulate::Simulation& simulation, bool as_json) {
    for (const auto& due : simulation.outlook(outlook_shown)) {
        if (as_json)
            terminal.line(json::serialize(json::object{{"event", "outlook"},
                                                       {"host", due.host.to_string()},
                                                       {"kind", provenbl::to_string(due.kind)},
                                                       {"at", provenbl::to_string(due.at)}}));
        else
            terminal.line(Colour::dim, fmt::format("then    {}  visit {} ({})", provenbl::to_string(due.at),
                                                   due.host.to_string(), provenbl::to_string(due.kind)));
    }
}

Exit run_simulate(const Policy& given, Terminal& terminal, bool as_json) {
    const auto configuration = configuration_or_complaints(terminal, given.place.file, Role::verifier);
    if (!configuration) return Exit::usage;
    std::ifstream file;
    if (given.file != "-") {
        file.open(given.file, std::ios::binary);
        if (!file) {
            terminal.complain(fmt::format("{} can't be read", given.file));
            return Exit::usage;
        }
    }
    const auto history = simulate::read_history(given.file == "-" ? std::cin : file);
    for (const auto& problem : history.problems)
        terminal.complain(printable(fmt::format("{}:{}: {}", given.file, problem.line, problem.message)));
    if (!history.problems.empty()) return Exit::usage;
    if (history.events.empty()) {
        terminal.complain(fmt::format("{} holds no event", given.file));
        return Exit::usage;
    }
    const Scratch scratch;
    if (scratch.path().empty()) {
        terminal.complain("no temporary directory can be made; set TMPDIR to one that can be written to");
        return Exit::failed;
    }
    const auto simulation =
        simulate::Simulation::begin(configuration->verifier, scratch.path(), history.events.front().at);
    if (!simulation) {
        terminal.complain(printable(simulation.error().message));
        return Exit::failed;
    }
    for (const auto& event : history.events) {
        const auto told = (*simulation)->take(event);
        if (!told) {
            terminal.complain(printable(fmt::format("{}:{}: {}", given.file, event.line, told.error().message)));
            return Exit::failed;
        }
        if (as_json)
            terminal.line(json::serialize(object_of(event, *told)));
        else
            tell(terminal, event, *told);
    }
    tell_outlook(terminal, **simulation, as_json);
    return Exit::done;
}

// ---- a history out of a store ----

void add_reports(const ReadTxn& txn, const Address& address, std::vector<simulate::Event>& events) {
    for (const auto& report : reports::of(txn, address)) {
        simulate::Event event;
        event.what = simulate::Event::What::report;
        event.at = report.received;
        event.host = report.named == Address{} ? report.host : report.named;
        event.reporter = report.reporter;
        event.ports = report.ports;
        if (const auto reporter = reporters::by_id(txn, report.reporter_id)) event.trap = reporter->trap;
        events.push_back(std::move(event));
    }
}

void add_visits(const ReadTxn& txn, const Address& address, std::vector<simulate::Event>& events) {
    for (const auto& scan : hosts::scans(txn, address, scans_shown)) {
        if (scan.kind == ScanKind::owner) {
            simulate::Event asked;
            asked.what = simulate::Event::What::owner;
            asked.at = scan.requested;
            asked.host = scan.host;
            events.push_back(std::move(asked));
        }
        if (scan.state != ScanState::finished || scan.started == Time{}) continue;
        simulate::Event visit;
        visit.what = simulate::Event::What::visit;
        visit.at = scan.finished;
        visit.host = scan.host;
        visit.kind = scan.kind;
        for (const auto& step : scan.steps) visit.steps.push_back({step, std::nullopt});
        events.push_back(std::move(visit));
    }
}

Exit run_history(const Policy& given, Terminal& terminal, bool) {
    const auto address = Address::parse(given.address);
    if (!address) {
        terminal.complain(address.error().message);
        return Exit::usage;
    }
    const SystemClock clock;
    const auto store = open_to_read(given.place, clock, terminal);
    if (!store) return Exit::usage;
    std::vector<simulate::Event> events;
    (*store)->read([&](const ReadTxn& txn) {
        add_reports(txn, *address, events);
        add_visits(txn, *address, events);
    });
    std::stable_sort(events.begin(), events.end(),
                     [](const simulate::Event& a, const simulate::Event& b) { return a.at < b.at; });
    for (const auto& event : events) terminal.line(simulate::write_event(event));
    if (events.empty()) terminal.complain(fmt::format("nothing is known of {}", address->to_string()));
    return events.empty() ? Exit::failed : Exit::done;
}

} // namespace

void define_policy(const AddCommand& add, const std::string& default_configuration, const bool& json) {
    const auto given = std::make_shared<Policy>();
    given->place.file = default_configuration;
    const auto command = [&](const std::string& name, const std::string& purpose, const std::string& example,
                             Exit (*action)(const Policy&, Terminal&, bool)) {
        return add(name, purpose, example,
                   [given, action, &json](Terminal& terminal) { return action(*given, terminal, json); });
    };
    auto* const simulate =
        command("simulate", "Replay a history under the rules of a configuration, and say what would have happened",
                "provenbl policy simulate history.jsonl -c changed.yaml", run_simulate);
    simulate
        ->add_option("file", given->file,
                     "JSON lines (docs/policy.md), what `policy history` or `export` wrote; - for standard input")
        ->required();
    simulate->add_option("-c,--config", given->place.file, "The configuration whose rules are tried")
        ->capture_default_str();

    auto* const history = command("history", "Write what a store knows of one host as a history for `policy simulate`",
                                  "provenbl policy history 198.51.100.7 > history.jsonl", run_history);
    history->add_option("address", given->address, "An IPv4 or IPv6 address")->required();
    history->add_option("-c,--config", given->place.file, "The configuration file, for its data_directory")
        ->capture_default_str();
    history->add_option("--data", given->place.directory, "The data directory, instead");
}

} // namespace provenbl::tools::cli
