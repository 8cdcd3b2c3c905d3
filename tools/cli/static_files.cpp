#include "tools/cli/static_files.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

namespace statics = zones::statics;

constexpr auto nameless = "bl.example"; // where no zone was named

std::string absolute(std::string_view path) {
    std::error_code failed;
    const auto made = std::filesystem::absolute(path, failed);
    return failed ? std::string{path} : made.lexically_normal().string();
}

// "zone:type:file,file"
Result<> read_argument(std::string_view argument, std::vector<zones::StaticZoneDefinition>& zones) {
    const auto colon = argument.find(':');
    const auto second = colon == std::string_view::npos ? colon : argument.find(':', colon + 1);
    if (second == std::string_view::npos)
        return Error{Errc::invalid, fmt::format("'{}' is not 'zone:type:file,file'; or say the type of a file with "
                                                "--type",
                                                argument)};
    const auto type = statics::parse_set_type(argument.substr(colon + 1, second - colon - 1));
    if (!type) return type.error();
    statics::SetSource set{*type, {}, false};
    for (auto rest = argument.substr(second + 1); !rest.empty();) {
        const auto path = rest.substr(0, rest.find(','));
        if (!path.empty()) set.paths.push_back(absolute(path));
        rest.remove_prefix(std::min(rest.size(), path.size() + 1));
    }
    if (set.paths.empty()) return Error{Errc::invalid, fmt::format("'{}' names no file", argument)};
    const std::string apex{argument.substr(0, colon)};
    auto zone = std::find_if(zones.begin(), zones.end(), [&](const auto& known) { return known.apex == apex; });
    if (zone == zones.end()) {
        zone = zones.emplace(zone);
        zone->apex = apex;
    }
    zone->sets.push_back(std::move(set));
    return {};
}

Result<std::vector<zones::StaticZoneDefinition>> read_arguments(const RbldnsdImport& given) {
    std::vector<zones::StaticZoneDefinition> zones;
    if (given.type.empty()) {
        for (const auto& argument : given.arguments) {
            if (auto done = read_argument(argument, zones); !done) return done.error();
        }
        return zones;
    }
    const auto type = statics::parse_set_type(given.type);
    if (!type) return type.error();
    statics::SetSource set{*type, {}, false};
    for (const auto& path : given.arguments) set.paths.push_back(absolute(path));
    auto& zone = zones.emplace_back();
    zone.apex = nameless;
    zone.sets.push_back(std::move(set));
    return zones;
}

// A line of YAML flow style: quoted, as paths may hold anything.
std::string quoted(const std::string& text) {
    return json::serialize(json::value(text));
}

std::string snippet(const std::vector<zones::StaticZoneDefinition>& zones) {
    std::string text = "static_zones:\n";
    for (const auto& zone : zones) {
        text += fmt::format("  - apex: {}\n    files:\n", zone.apex);
        for (const auto& set : zone.sets) {
            std::vector<std::string> paths;
            for (const auto& path : set.paths) paths.push_back(quoted(path));
            text += paths.size() == 1 ? fmt::format("      - {{type: {}, path: {}}}\n", to_string(set.type), paths[0])
                                      : fmt::format("      - {{type: {}, path: [{}]}}\n", to_string(set.type),
                                                    fmt::join(paths, ", "));
        }
    }
    return text;
}

json::object described(const zones::StaticZoneDefinition& zone, const CheckedZone& checked) {
    json::array sets;
    for (std::size_t i = 0; i < zone.sets.size(); ++i) {
        const auto& loaded = checked.sets[i].loaded;
        json::array complaints;
        for (const auto& one : loaded.complaints.kept())
            complaints.emplace_back(json::object{{"file", one.file},
                                                 {"line", one.line},
                                                 {"error", one.severity == statics::Severity::error},
                                                 {"what", printable(one.what)}});
        json::array files(zone.sets[i].paths.begin(), zone.sets[i].paths.end());
        sets.emplace_back(json::object{{"type", to_string(zone.sets[i].type)},
                                       {"files", std::move(files)},
                                       {"entries", loaded.set ? loaded.set->entries : 0},
                                       {"errors", loaded.complaints.errors()},
                                       {"notes", loaded.complaints.notes()},
                                       {"complaints", std::move(complaints)}});
    }
    return {{"apex", zone.apex}, {"trouble", checked.trouble}, {"sets", std::move(sets)}};
}

void show(const zones::StaticZoneDefinition& zone, const CheckedZone& checked, const RbldnsdImport& given,
          Terminal& terminal) {
    for (std::size_t i = 0; i < zone.sets.size(); ++i) {
        const auto& loaded = checked.sets[i].loaded;
        std::size_t told = 0;
        for (const auto& one : loaded.complaints.kept()) {
            if (told++ < given.error_limit) terminal.complain(printable(one.to_string()));
        }
        const auto all = loaded.complaints.errors() + loaded.complaints.notes();
        const auto untold = all - std::min(told, given.error_limit);
        if (untold > 0) terminal.complain(fmt::format("... and {} more", untold));
        const auto about = fmt::format("{} ({}): ", fmt::join(zone.sets[i].paths, ", "), to_string(zone.sets[i].type));
        if (loaded.set && loaded.complaints.errors() == 0)
            terminal.line(
                Colour::green,
                fmt::format("{}{} entries{}", about, loaded.set->entries,
                            loaded.complaints.notes() > 0 ? fmt::format(", {} notes", loaded.complaints.notes()) : ""));
        else
            terminal.line(Colour::red, fmt::format("{}{} errors", about, loaded.complaints.errors()));
    }
}

} // namespace

bool CheckedZone::good() const {
    return trouble.empty() && std::all_of(sets.begin(), sets.end(), [](const auto& set) { return set.loaded.set; });
}

std::vector<CheckedZone> check_static_zones(const std::vector<zones::StaticZoneDefinition>& zones, Time now) {
    std::vector<CheckedZone> all;
    for (std::size_t i = 0; i < zones.size(); ++i) {
        auto& checked = all.emplace_back();
        std::vector<std::shared_ptr<const statics::DataSet>> sets;
        for (std::size_t j = 0; j < zones[i].sets.size(); ++j) {
            auto loaded = statics::load_set(zones[i].sets[j], now);
            if (loaded.set) {
                checked.entries += loaded.set->entries;
                sets.push_back(loaded.set);
            }
            checked.sets.push_back({fmt::format("static_zones[{}].files[{}]", i, j), std::move(loaded)});
        }
        if (!checked.good()) continue;
        const auto zone = statics::StaticZone::make(zones[i], i, std::move(sets));
        if (!zone)
            checked.trouble = zone.error().message;
        else if ((*zone)->expired(now))
            checked.trouble = fmt::format("the data of static zone {} have expired ($TIMESTAMP)", zones[i].apex);
    }
    return all;
}

Exit import_rbldnsd(const RbldnsdImport& given, Terminal& terminal, bool json) {
    const auto zones = read_arguments(given);
    if (!zones) {
        terminal.complain(zones.error().message);
        return Exit::usage;
    }
    // Nobody asks here who the name servers are.
    auto with_servers = *zones;
    for (auto& zone : with_servers) zone.fallback.name_servers = {{"ns.invalid", {}}};
    for (const auto& zone : with_servers) {
        if (const auto valid = zones::validate(zones::ZoneSet{{}, {}, {zone}}); !valid) {
            terminal.complain(valid.error().message);
            return Exit::usage;
        }
    }
    const auto checked = check_static_zones(with_servers, SystemClock{}.now());
    const bool good = std::all_of(checked.begin(), checked.end(), [](const auto& zone) { return zone.good(); });
    if (json) {
        json::array described_zones;
        for (std::size_t i = 0; i < zones->size(); ++i)
            described_zones.emplace_back(described((*zones)[i], checked[i]));
        terminal.line(json::serialize(
            json::object{{"valid", good}, {"zones", std::move(described_zones)}, {"configuration", snippet(*zones)}}));
        return good ? Exit::done : Exit::failed;
    }
    for (std::size_t i = 0; i < zones->size(); ++i) {
        show((*zones)[i], checked[i], given, terminal);
        if (!checked[i].trouble.empty()) terminal.complain(checked[i].trouble);
    }
    if (!good) {
        terminal.line(
            "Nothing was changed. Where bad lines are to be left out, as rbldnsd does, add 'bad_lines: skip'.");
        return Exit::failed;
    }
    terminal.line("To serve them, put this into the configuration and run `provenbl check-config`:\n");
    terminal.line(snippet(*zones));
    return Exit::done;
}

} // namespace provenbl::tools::cli
