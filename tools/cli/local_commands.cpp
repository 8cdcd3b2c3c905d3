// `check-config` and `probe`: what needs no server.
#include "store/entropy.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/follow.hpp"
#include "tools/cli/static_files.hpp"
#include "tools/config/load.hpp"
#include "tools/config/reference_page.hpp"
#include "tools/letters/contacts.hpp"
#include "tools/letters/letter_template.hpp"
#include "verifier/gate.hpp"
#include "verifier/technique.hpp"
#include "verifier/verifier.hpp"

#include <fmt/format.h>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

json::object step_object(const ScanStep& step) {
    return {{"technique", step.technique},
            {"target", step.target.to_string()},
            {"port", step.port},
            {"verdict", to_string(step.verdict)},
            {"detail", printable(step.detail)}};
}

// Files that letters are made with: whoever starts the server would learn of them only then.
void check_letters(Loaded& loaded) {
    if (!loaded.configuration || !loaded.configuration->letters.enabled) return;
    const auto& settings = loaded.configuration->letters;
    if (const auto words = letters::LetterTemplates::load(settings.templates.string()); !words)
        loaded.problems.push_back({{}, "letters.templates", words.error().message});
    if (settings.contact_table.empty()) return;
    if (const auto table = letters::ContactTable::load(settings.contact_table.string()); !table)
        loaded.problems.push_back({{}, "letters.contact_table", table.error().message});
}

std::optional<std::string> unknown_technique(const std::vector<std::string>& names) {
    for (const auto& name : names) {
        if (verifier::find_technique(name) != nullptr) continue;
        std::vector<std::string_view> known;
        for (const auto* technique : verifier::all_techniques()) known.push_back(technique->name);
        return fmt::format("'{}' is no technique; known are {}", name, fmt::join(known, ", "));
    }
    return std::nullopt;
}

// What the files of static zones say, which is told where the zone is configured.
void check_files(const Configuration& configuration, std::vector<Problem>& problems, std::vector<std::string>& notes) {
    const auto checked = check_static_zones(configuration.zones.static_zones, SystemClock{}.now());
    for (std::size_t i = 0; i < checked.size(); ++i) {
        for (const auto& set : checked[i].sets) {
            const bool fit = set.loaded.set != nullptr; // then bad lines are left out
            for (const auto& one : set.loaded.complaints.kept()) {
                if (fit || one.severity == zones::statics::Severity::note)
                    notes.push_back(printable(one.to_string()));
                else
                    problems.push_back({{}, set.setting, one.to_string()});
            }
        }
        if (!checked[i].trouble.empty())
            problems.push_back({{}, fmt::format("static_zones[{}]", i), checked[i].trouble});
    }
}

} // namespace

std::optional<Configuration> configuration_or_complaints(Terminal& terminal, const std::string& file, Role role) {
    auto loaded = load_configuration(file, role);
    for (const auto& problem : loaded.problems) terminal.complain(problem.to_string(file));
    return std::move(loaded.configuration);
}

Exit check_config(Terminal& terminal, const std::string& file, Role role, bool json) {
    auto loaded = load_configuration(file, role);
    check_letters(loaded);
    std::vector<std::string> notes;
    if (loaded.configuration && serves_dns(role)) check_files(*loaded.configuration, loaded.problems, notes);
    const bool valid = loaded.problems.empty();
    if (!valid) loaded.configuration.reset();
    if (json) {
        json::array problems;
        for (const auto& problem : loaded.problems) {
            problems.emplace_back(json::object{{"line", problem.at.line},
                                               {"column", problem.at.column},
                                               {"setting", problem.setting},
                                               {"message", printable(problem.message)}});
        }
        terminal.line(json::serialize(json::object{{"file", file},
                                                   {"valid", valid},
                                                   {"problems", std::move(problems)},
                                                   {"notes", json::array(notes.begin(), notes.end())}}));
        return valid ? Exit::done : Exit::usage;
    }
    for (const auto& note : notes) terminal.complain(note);
    for (const auto& problem : loaded.problems) terminal.complain(printable(problem.to_string(file)));
    if (!valid) return Exit::usage;
    const auto statics = loaded.configuration->zones.static_zones.size();
    terminal.line(Colour::green,
                  fmt::format("{} is valid: {} zones{}, data in {}", file, loaded.configuration->zones.zones.size(),
                              statics > 0 ? fmt::format(" and {} static zones", statics) : "",
                              loaded.configuration->store.directory.string()));
    return Exit::done;
}

Exit show_reference(Terminal& terminal, bool json) {
    const auto rows = reference();
    if (!json) {
        terminal.line(reference_page(rows));
        return Exit::done;
    }
    json::array settings;
    for (const auto& row : rows) {
        settings.emplace_back(json::object{{"name", row.name},
                                           {"expects", row.expects},
                                           {"default", row.by_default},
                                           {"documentation", row.documentation}});
    }
    terminal.line(json::serialize(settings));
    return Exit::done;
}

Exit probe(Terminal& terminal, const ProbeCommand& command, bool json) {
    if (const auto unknown = unknown_technique(command.techniques)) {
        terminal.complain(*unknown);
        return Exit::usage;
    }
    const auto configuration = configuration_or_complaints(terminal, command.file, Role::verifier);
    if (!configuration) return Exit::usage;
    const auto fail = [&](const Error& error) {
        terminal.complain(error.message);
        return error.code == Errc::invalid       ? Exit::usage
               : error.code == Errc::not_allowed ? Exit::refused
                                                 : Exit::failed;
    };
    // Before anything is opened: the answer is the same whether a server runs or not.
    if (const auto allowed = verifier::check_address(command.address, configuration->verifier.gate); !allowed)
        return fail(allowed.error());

    const SystemClock clock;
    SystemEntropy entropy;
    // The role's lock tells whether another process serves the sinks on this store.
    bool own_sinks = true;
    auto store = Store::open(configuration->store, clock, "verifier");
    if (!store && store.error().code == Errc::conflict) {
        own_sinks = false;
        store = Store::open(configuration->store, clock);
    }
    if (!store) return fail(store.error());
    const verifier::Gate gate{**store, clock, configuration->verifier.gate};
    if (const auto allowed = gate.check(command.address); !allowed) return fail(allowed.error());

    verifier::Verifier verifier{**store, clock, entropy, configuration->verifier};
    const auto scan = verifier.probe(
        {command.address, command.ports, command.techniques, own_sinks},
        [&](std::string_view line) {
            if (json)
                terminal.line(json::serialize(json::object{{"event", "line"}, {"text", printable(line)}}));
            else
                terminal.line(Colour::dim, printable(line));
        },
        [&](const ScanStep& step) {
            auto object = step_object(step);
            if (!json) {
                terminal.line(step_line(terminal, object));
                return;
            }
            object["event"] = "step";
            terminal.line(json::serialize(object));
        });
    if (!scan) return fail(scan.error());
    if (json) {
        terminal.line(json::serialize(json::object{{"event", "finished"},
                                                   {"scan", scan->id},
                                                   {"address", scan->host.to_string()},
                                                   {"outcome", printable(scan->outcome)}}));
    } else {
        terminal.line(Colour::bold, printable(scan->outcome));
    }
    return Exit::done;
}

} // namespace provenbl::tools::cli
