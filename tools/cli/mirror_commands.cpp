#include "tools/cli/mirror_commands.hpp"

#include "tools/api/request_target.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

json::array texts(const std::vector<std::string>& values) {
    json::array all;
    for (const auto& value : values) all.emplace_back(value);
    return all;
}

std::vector<std::string> strings(const json::array& values) {
    std::vector<std::string> all;
    for (const auto& value : values) {
        if (value.is_string()) all.push_back(printable(std::string_view(value.get_string())));
    }
    return all;
}

bool removed(const json::object& mirror) {
    return !text_of(mirror, "removed").empty();
}

// How far one zone of one address of a mirror is.
struct Standing {
    std::string zone;
    std::optional<std::uint32_t> serial;
    std::string trouble; // why there is no serial
    std::int64_t behind = 0;
    std::int64_t seconds = 0;
    bool at_least = false;
    bool ahead = false;

    [[nodiscard]] bool late(std::uint32_t most_seconds) const {
        return !serial || ahead || (behind > 0 && seconds > most_seconds);
    }
    [[nodiscard]] std::string words() const {
        if (!serial) return trouble;
        if (ahead) return fmt::format("serial {}, which we never had: transfer the zone anew there", *serial);
        if (behind == 0) return fmt::format("serial {}, up to date", *serial);
        return fmt::format("serial {}, {} behind, {}{} s old", *serial, behind, at_least ? "more than " : "", seconds);
    }
    [[nodiscard]] json::object object() const {
        json::object made{{"zone", zone}, {"behind", behind}, {"seconds", seconds}, {"ahead", ahead}};
        made["serial"] = serial ? json::value(*serial) : json::value();
        if (!trouble.empty()) made["error"] = trouble;
        return made;
    }
};

// Fills in what the serial means by our journal; each serial is asked for once. A catalog's means something else: it
// moves only with the definition of the zones.
class Ages {
public:
    explicit Ages(Session& session) : session_(session) {}
    // False after an error, which has been complained of.
    bool judge(Standing& standing, bool of_catalog) {
        const std::pair serial{of_catalog, *standing.serial};
        if (const auto known = known_.find(serial); known == known_.end()) {
            auto path = fmt::format("/v1/serials/{}", *standing.serial);
            if (of_catalog) path += "?zone=" + api::encode_segment(standing.zone);
            auto asked = ask(session_, "GET", path);
            if (!asked.value) {
                exit = asked.exit;
                return false;
            }
            known_.emplace(serial, std::move(*asked.value));
        }
        const auto& age = known_.at(serial);
        standing.behind = number_of(age, "behind");
        standing.seconds = number_of(age, "seconds");
        standing.at_least = flag_of(age, "at_least");
        standing.ahead = flag_of(age, "ahead");
        return true;
    }
    Exit exit = Exit::done;

private:
    Session& session_;
    std::map<std::pair<bool, std::uint32_t>, json::object> known_;
};

void show_kit(Session& session, const json::object& mirror) {
    // As it is, without a word of ours around it: this goes into a file.
    session.terminal.line(text_of(mirror, "configuration"));
}

} // namespace

Exit add_mirror(Session& session, const MirrorRequest& request) {
    json::object body{{"name", request.name}, {"kind", request.kind}};
    if (!request.addresses.empty()) body["addresses"] = texts(request.addresses);
    if (!request.from.empty()) body["from"] = texts(request.from);
    if (!request.zones.empty()) body["zones"] = texts(request.zones);
    if (!request.algorithm.empty()) body["algorithm"] = request.algorithm;
    if (!request.note.empty()) body["note"] = request.note;
    if (request.tls) body["tls"] = true;
    const auto asked = ask(session, "POST", "/v1/mirrors", json::serialize(body));
    if (!asked.value) return asked.exit;
    if (session.json)
        session.terminal.line(json::serialize(*asked.value));
    else
        show_kit(session, *asked.value);
    return Exit::done;
}

Exit list_mirrors(Session& session) {
    const auto asked = ask(session, "GET", "/v1/mirrors");
    if (!asked.value) return asked.exit;
    if (session.json) {
        session.terminal.line(json::serialize(*asked.value));
        return Exit::done;
    }
    const auto& rows = array_of(*asked.value, "mirrors");
    if (rows.empty()) session.terminal.line("There are no mirrors.");
    for (const auto& value : rows) {
        if (!value.is_object()) continue;
        const auto& row = value.get_object();
        auto line = fmt::format("{:<20} {:<8} {:<40} {}", text_of(row, "name"), text_of(row, "kind"),
                                joined(array_of(row, "addresses")),
                                flag_of(row, "all_zones") ? "all open lists" : joined(array_of(row, "zones")));
        if (flag_of(row, "tls")) line += ", over TLS";
        if (removed(row)) line += ", removed " + text_of(row, "removed");
        if (const auto note = text_of(row, "note"); !note.empty()) line += " - " + note;
        session.terminal.line(line);
    }
    return Exit::done;
}

Exit show_mirror(Session& session, const std::string& name) {
    const auto asked = ask(session, "GET", "/v1/mirrors/" + api::encode_segment(name));
    if (!asked.value) return asked.exit;
    if (session.json)
        session.terminal.line(json::serialize(*asked.value));
    else
        show_kit(session, *asked.value);
    return Exit::done;
}

Exit remove_mirror(Session& session, const std::string& name) {
    const auto asked = ask(session, "DELETE", "/v1/mirrors/" + api::encode_segment(name));
    if (!asked.value) return asked.exit;
    if (session.json)
        session.terminal.line(json::serialize(*asked.value));
    else
        session.terminal.line(fmt::format("{} is no mirror any more: within a second its key is worth nothing. It "
                                          "answers from what it has until that expires: take it out of the NS records.",
                                          text_of(*asked.value, "name")));
    return Exit::done;
}

namespace {

// One address of a mirror, with all of its zones.
struct Place {
    std::string name;
    std::string address;
    std::vector<Standing> zones;
};

// Asks every zone of an address itself; the `catalog` is one of them, or empty. Nothing after an error, which has been
// complained of.
std::optional<std::vector<Standing>> ask_all(const Endpoint& server, const std::vector<std::string>& zones,
                                             std::string_view catalog, const AskSerial& ask_serial, Ages& ages) {
    std::vector<Standing> all;
    std::string silent; // who does not answer once is not asked for each zone
    for (const auto& zone : zones) {
        auto& standing = all.emplace_back();
        standing.zone = zone;
        standing.trouble = silent;
        if (!silent.empty()) continue;
        const auto serial = ask_serial(server, zone);
        if (serial) {
            standing.serial = *serial;
            if (!ages.judge(standing, zone == catalog)) return std::nullopt;
        } else {
            standing.trouble = serial.error().message;
            if (serial.error().code != Errc::not_allowed) silent = standing.trouble;
        }
    }
    return all;
}

// What the daemon has found out already.
std::vector<Standing> known_of(const json::object& mirror, const std::string& address) {
    std::vector<Standing> all;
    for (const auto& value : array_of(mirror, "watched")) {
        if (!value.is_object() || text_of(value.get_object(), "address") != address) continue;
        const auto& row = value.get_object();
        auto& standing = all.emplace_back();
        standing.zone = text_of(row, "zone");
        standing.behind = number_of(row, "serials_behind");
        standing.seconds = number_of(row, "seconds_behind");
        standing.at_least = flag_of(row, "at_least");
        standing.ahead = flag_of(row, "ahead");
        const bool answering = flag_of(row, "answering");
        if (answering && !text_of(row, "answered").empty())
            standing.serial = static_cast<std::uint32_t>(number_of(row, "serial"));
        else if (answering)
            standing.trouble = "it has not been asked yet";
        else
            standing.trouble = fmt::format("{} (since {})", text_of(row, "trouble"), text_of(row, "silent_since"));
    }
    return all;
}

} // namespace

Exit mirror_status(Session& session, const MirrorRequest& request, const AskSerial& ask_serial) {
    const auto asked = ask(session, "GET", "/v1/mirrors");
    if (!asked.value) return asked.exit;
    Ages ages(session);
    std::vector<Place> places;
    bool found = false;
    for (const auto& value : array_of(*asked.value, "mirrors")) {
        if (!value.is_object()) continue;
        const auto& mirror = value.get_object();
        const auto name = text_of(mirror, "name");
        if (removed(mirror) || (!request.name.empty() && request.name != name)) continue;
        found = true;
        const auto catalog = text_of(mirror, "catalog");
        if (request.known && !mirror.contains("watched"))
            return complain_of(session, Error{Errc::not_found, "the server does not watch mirrors; leave --known out"});
        for (const auto& address : strings(array_of(mirror, "addresses"))) {
            const auto server = Endpoint::parse(address);
            if (!server) return complain_of(session, server.error());
            if (request.known) {
                places.push_back({name, address, known_of(mirror, address)});
                continue;
            }
            auto asked_for = strings(array_of(mirror, "zones"));
            if (!catalog.empty()) asked_for.push_back(catalog);
            auto zones = ask_all(*server, asked_for, catalog, ask_serial, ages);
            if (!zones) return ages.exit;
            places.push_back({name, address, std::move(*zones)});
        }
    }
    if (!found && !request.name.empty())
        return complain_of(session, Error{Errc::not_found, fmt::format("no mirror has the name '{}'", request.name)});
    json::array rows;
    bool late = false;
    for (const auto& place : places) {
        json::array zones;
        for (const auto& standing : place.zones) {
            const bool is_late = standing.late(request.most_seconds);
            late = late || is_late;
            if (!session.json)
                session.terminal.line(
                    is_late ? Colour::red : Colour::plain,
                    fmt::format("{:<20} {:<24} {:<24} {}", place.name, place.address, standing.zone, standing.words()));
            zones.emplace_back(standing.object());
        }
        rows.emplace_back(json::object{{"name", place.name}, {"address", place.address}, {"zones", std::move(zones)}});
    }
    if (session.json)
        session.terminal.line(json::serialize(json::object{
            {"serial", number_of(*asked.value, "serial")}, {"behind", late}, {"mirrors", std::move(rows)}}));
    else if (!found)
        session.terminal.line("There are no mirrors.");
    return late ? Exit::behind : Exit::done;
}

} // namespace provenbl::tools::cli
