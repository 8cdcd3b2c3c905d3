// `exclude` and `status`.
#include "tools/api/request_target.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/dns_status.hpp"

#include <fmt/format.h>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

Exit list_exclusions(Session& session) {
    const auto asked = ask(session, "GET", "/v1/exclusions");
    if (!asked.value) return asked.exit;
    if (session.json) {
        session.terminal.line(json::serialize(*asked.value));
        return Exit::done;
    }
    const auto& rows = array_of(*asked.value, "exclusions");
    if (rows.empty()) session.terminal.line("Nothing is excluded.");
    for (const auto& value : rows) {
        if (!value.is_object()) continue;
        const auto& row = value.get_object();
        const auto until = text_of(row, "until");
        session.terminal.line(fmt::format("{:<24} {} (by {}, {}{})", text_of(row, "prefix"), text_of(row, "reason"),
                                          text_of(row, "by"), until.empty() ? "for good" : "until " + until,
                                          flag_of(row, "in_force") ? "" : ", ended") +
                              (flag_of(row, "under_way") ? "; what it covers is being taken off the list" : ""));
    }
    return Exit::done;
}

// "name: 1, other: 2" of a flat object.
std::string flat(const json::object& object) {
    std::string text;
    for (const auto& member : object) {
        if (member.value().is_object() || member.value().is_array()) continue;
        if (!text.empty()) text += ", ";
        const auto value = member.value().is_string() ? text_of(object, member.key()) : json::serialize(member.value());
        text += fmt::format("{} {}", std::string_view{member.key().data(), member.key().size()}, value);
    }
    return text;
}

void show_lags(Terminal& terminal, const json::object& mirrors) {
    for (const auto& member : mirrors) {
        if (!member.value().is_object()) continue;
        const auto& mirror = member.value().get_object();
        const auto name = printable({member.key().data(), member.key().size()});
        const auto behind = number_of(mirror, "serials_behind");
        if (mirror.contains("answering") && !flag_of(mirror, "answering"))
            terminal.line(Colour::red, fmt::format("mirror {}: DOES NOT ANSWER", name));
        else if (flag_of(mirror, "ahead"))
            terminal.line(Colour::red, fmt::format("mirror {}: HAS A SERIAL THAT WE NEVER HAD", name));
        else if (mirror.contains("asked") && mirror.at("asked").is_null())
            terminal.line(fmt::format("mirror {}: not asked yet", name));
        else if (behind > 0)
            terminal.line(Colour::yellow, fmt::format("mirror {}: {} serials behind, for {} seconds", name, behind,
                                                      number_of(mirror, "seconds_behind")));
        else
            terminal.line(fmt::format("mirror {}: up to date", name));
    }
}

void show_changes(Terminal& terminal, const json::array& recent) {
    if (!recent.empty()) terminal.line("Last changes:");
    for (const auto& item : recent) {
        if (!item.is_object()) continue;
        const auto& change = item.get_object();
        const auto after = joined(array_of(change, "after"));
        terminal.line(fmt::format("  {} {:<24} {} ({})", text_of(change, "at"), text_of(change, "address"),
                                  after.empty() ? "delisted" : "listed: " + after, text_of(change, "reason")));
    }
}

} // namespace

Exit exclude(Session& session, const ExcludeRequest& request) {
    if (request.prefix.empty()) return list_exclusions(session);
    if (request.remove) {
        const auto asked = ask(session, "DELETE", "/v1/exclusions/" + api::encode_segment(request.prefix));
        if (!asked.value) return asked.exit;
        if (session.json)
            session.terminal.line(json::serialize(*asked.value));
        else
            session.terminal.line(fmt::format("{} is excluded no longer.", text_of(*asked.value, "removed")));
        return Exit::done;
    }
    json::object body{{"prefix", request.prefix}, {"reason", request.reason}};
    if (!request.until.empty()) body["until"] = request.until;
    if (!request.by.empty()) body["by"] = request.by;
    const auto asked = ask(session, "POST", "/v1/exclusions", json::serialize(body));
    if (!asked.value) return asked.exit;
    if (session.json) {
        session.terminal.line(json::serialize(*asked.value));
    } else {
        session.terminal.line(fmt::format(
            "{} will neither be probed nor listed; {} of its hosts were delisted{}.", text_of(*asked.value, "prefix"),
            number_of(*asked.value, "delisted"),
            flag_of(*asked.value, "under_way") ? " so far, and the verifier takes off the others, step by step" : ""));
    }
    return Exit::done;
}

Exit status(Session& session) {
    const auto asked = ask(session, "GET", "/v1/status");
    if (!asked.value) return asked.exit;
    auto& terminal = session.terminal;
    const auto& value = *asked.value;
    if (session.json) {
        terminal.line(json::serialize(value));
        return Exit::done;
    }
    terminal.line(fmt::format("provenbl {} at {}", text_of(value, "version"), text_of(value, "now")));
    const auto trouble = text_of(value, "trouble");
    if (trouble.empty())
        terminal.line(Colour::green, "All is well");
    else
        terminal.line(Colour::red, "TROUBLE: " + trouble);
    if (const auto& shut = object_of(value, "shutdown"); !shut.empty())
        terminal.line(Colour::yellow, fmt::format("The list is SHUT DOWN since {}, its zones are empty: {}",
                                                  text_of(shut, "at"), text_of(shut, "text")));
    const auto& listed = object_of(value, "listed");
    terminal.line(fmt::format("Listed: {} IPv4, {} IPv6; serial {}", number_of(listed, "ipv4"),
                              number_of(listed, "ipv6"), number_of(value, "serial")));
    if (const auto classes = flat(object_of(listed, "classes")); !classes.empty())
        terminal.line(fmt::format("  by class: {}", classes));
    const auto& queue = object_of(value, "queue");
    const auto next = text_of(queue, "next");
    terminal.line(
        fmt::format("Visits queued: {}{}", number_of(queue, "due"), next.empty() ? "" : ", the next at " + next));
    for (const char* part : {"store", "verifier", "dns"}) {
        const auto& object = object_of(value, part);
        if (!object.empty()) terminal.line(fmt::format("{}: {}", part, flat(object)));
    }
    show_dns(terminal, object_of(value, "dns"));
    show_lags(terminal, object_of(value, "mirrors"));
    for (const auto& item : array_of(value, "zones")) {
        if (!item.is_object()) continue;
        terminal.line(fmt::format("zone {}: {}", text_of(item.get_object(), "apex"),
                                  joined(array_of(item.get_object(), "classes"))));
    }
    show_changes(terminal, array_of(value, "recent"));
    return trouble.empty() ? Exit::done : Exit::failed;
}

} // namespace provenbl::tools::cli
