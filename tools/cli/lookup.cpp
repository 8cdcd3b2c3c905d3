// `lookup`, `evidence`, `history`, `why`: what is known of a host, and why.
#include "tools/cli/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

void show_visit(Session& session, std::string_view label, const json::object& visit) {
    if (visit.empty()) return;
    const auto state = text_of(visit, "state");
    if (state == "finished") {
        session.terminal.line(fmt::format("{} {} ({}): {}", label, text_of(visit, "finished"), text_of(visit, "kind"),
                                          text_of(visit, "outcome")));
    } else {
        session.terminal.line(
            fmt::format("{} {} ({}, {})", label, text_of(visit, "due"), text_of(visit, "kind"), state));
    }
}

void show_host(Session& session, const json::object& host) {
    auto& terminal = session.terminal;
    const auto address = text_of(host, "address");
    if (flag_of(host, "listed")) {
        terminal.line(fmt::format("{} {} since {} (case {})", address,
                                  terminal.paint(Colour::red, "is listed: " + joined(array_of(host, "classes"))),
                                  text_of(host, "since"), number_of(host, "case")));
    } else {
        terminal.line(fmt::format("{} {}", address, terminal.paint(Colour::green, "is not listed")));
        if (const auto ended = text_of(host, "delisted_at"); !ended.empty()) terminal.line("Delisted at " + ended);
    }
    for (const auto& item : array_of(host, "holes")) {
        if (!item.is_object()) continue;
        const auto& hole = item.get_object();
        terminal.line(fmt::format("  {} at {} port {}, last proven {}",
                                  terminal.paint(Colour::bold, text_of(hole, "technique")), text_of(hole, "entry"),
                                  number_of(hole, "port"), text_of(hole, "last_proven")));
        terminal.line(fmt::format("    {}", text_of(hole, "explanation")));
    }
    for (const auto& item : array_of(host, "manual")) {
        if (!item.is_object()) continue;
        const auto& entry = item.get_object();
        terminal.line(fmt::format("  {} as {}, since {} and until {}: {}",
                                  terminal.paint(Colour::bold, "by hand, without proof,"), text_of(entry, "class"),
                                  text_of(entry, "since"), text_of(entry, "until"), text_of(entry, "reason")));
    }
    if (const auto covers = text_of(host, "covers"); covers.ends_with("/64"))
        terminal.line(fmt::format("IPv6 is listed by network here: what is said of it holds for all of {}.", covers));
    if (flag_of(host, "shut_down")) terminal.line(Colour::yellow, "The list is shut down: nothing is in DNS.");
    if (const auto software = text_of(host, "software"); !software.empty())
        terminal.line("It seems to run " + software);
    for (const auto& item : array_of(host, "zones")) {
        if (!item.is_object()) continue;
        const auto& zone = item.get_object();
        const auto codes = joined(array_of(zone, "codes"));
        terminal.line(fmt::format("  {}  {}", text_of(zone, "name"), codes.empty() ? "NXDOMAIN" : codes));
    }
    if (flag_of(host, "test_entry"))
        terminal.line("It is a test entry of RFC 5782: always in DNS, whatever is listed.");
    show_visit(session, "Last visit", object_of(host, "last_visit"));
    show_visit(session, "Next visit", object_of(host, "next_visit"));
    if (const auto& exclusion = object_of(host, "exclusion"); !exclusion.empty()) {
        terminal.line(fmt::format("Excluded ({}): {}", text_of(exclusion, "prefix"), text_of(exclusion, "reason")));
    } else if (const auto refusal = text_of(host, "refusal"); !refusal.empty()) {
        terminal.line(refusal);
    }
}

} // namespace

Exit lookup(Session& session, const Address& address) {
    const auto asked = ask(session, "GET", host_path(address));
    if (!asked.value) return asked.exit;
    if (session.json)
        session.terminal.line(json::serialize(*asked.value));
    else
        show_host(session, *asked.value);
    return flag_of(*asked.value, "listed") ? Exit::listed : Exit::done;
}

Exit lookup_many(Session& session, const std::vector<Address>& addresses) {
    constexpr std::size_t at_once = 1000; // as POST /v1/lookup takes
    bool any = false;
    for (std::size_t begin = 0; begin < addresses.size(); begin += at_once) {
        json::array wanted;
        for (std::size_t i = begin; i < std::min(begin + at_once, addresses.size()); ++i)
            wanted.emplace_back(addresses[i].to_string());
        const auto asked =
            ask(session, "POST", "/v1/lookup", json::serialize(json::object{{"addresses", std::move(wanted)}}));
        if (!asked.value) return asked.exit;
        if (session.json) session.terminal.line(json::serialize(*asked.value));
        for (const auto& item : array_of(*asked.value, "hosts")) {
            if (!item.is_object()) continue;
            const auto& host = item.get_object();
            const bool listed = flag_of(host, "listed");
            any = any || listed;
            if (session.json) continue;
            const auto said =
                listed ? session.terminal.paint(Colour::red, "is listed: " + joined(array_of(host, "classes"))) +
                             " since " + text_of(host, "since")
                       : session.terminal.paint(Colour::green, "is not listed");
            session.terminal.line(fmt::format("{} {}", text_of(host, "address"), said));
        }
    }
    return any ? Exit::listed : Exit::done;
}

Exit show_evidence(Session& session, const Address& address, bool with_message) {
    const auto asked = ask(session, "GET", host_path(address, "/evidence"));
    if (!asked.value) return asked.exit;
    auto& terminal = session.terminal;
    if (session.json) {
        terminal.line(json::serialize(*asked.value));
        return Exit::done;
    }
    terminal.line(fmt::format("Case {} of {} ({})", number_of(*asked.value, "case"), text_of(*asked.value, "address"),
                              flag_of(*asked.value, "listed") ? "listed" : "no longer listed"));
    // The forms of a mail relay share one conversation, which is shown once.
    std::map<std::string, std::int64_t> shown;
    for (const auto& value : array_of(*asked.value, "evidence")) {
        if (!value.is_object()) continue;
        const auto& item = value.get_object();
        terminal.line("");
        terminal.line(Colour::bold, fmt::format("{}: {} at {}", number_of(item, "number"), text_of(item, "technique"),
                                                text_of(item, "entry")));
        terminal.line(fmt::format("Sent {}, arrived {} at our port {} from {}", text_of(item, "sent"),
                                  text_of(item, "arrived"), number_of(item, "sink_port"), text_of(item, "exit")));
        if (const auto software = text_of(item, "software"); !software.empty())
            terminal.line("It seems to run " + software);
        if (const auto repeat = text_of(item, "repeat"); !repeat.empty()) terminal.line("To repeat it: " + repeat);
        const auto number = number_of(item, "number");
        const auto transcript = text_of(item, "transcript");
        if (const auto [first, fresh] = shown.emplace(transcript, number); fresh) {
            terminal.line(Colour::dim, "--- the conversation ---");
            terminal.line(transcript.empty() ? "(it is not over yet)" : transcript);
        } else {
            terminal.line(Colour::dim, fmt::format("(in the same conversation as {})", first->second));
        }
        const auto message = text_of(item, "message");
        if (message.empty()) continue;
        if (!with_message) {
            terminal.line(Colour::dim, fmt::format("({} bytes arrived; --message shows them)", message.size()));
            continue;
        }
        terminal.line(Colour::dim, "--- what arrived ---");
        terminal.line(message);
    }
    return Exit::done;
}

Exit show_history(Session& session, const Address& address) {
    const auto asked = ask(session, "GET", host_path(address, "/history"));
    if (!asked.value) return asked.exit;
    auto& terminal = session.terminal;
    if (session.json) {
        terminal.line(json::serialize(*asked.value));
        return Exit::done;
    }
    const auto& events = array_of(*asked.value, "events");
    if (events.empty()) terminal.line(fmt::format("Nothing is known of {}", address.to_string()));
    if (flag_of(*asked.value, "older_not_shown")) terminal.line(Colour::dim, "--- older lines are not shown ---");
    for (const auto& value : events) {
        if (!value.is_object()) continue;
        const auto& event = value.get_object();
        const auto journal = number_of(event, "journal");
        const auto actor = text_of(event, "actor");
        terminal.line(fmt::format("{} {:>10}  {:<9} {}{}", text_of(event, "at"),
                                  journal == 0 ? std::string{} : fmt::format("#{}", journal), text_of(event, "what"),
                                  text_of(event, "cause"), actor.empty() ? "" : " (by " + std::string(actor) + ")"));
    }
    return Exit::done;
}

Exit why(Session& session, const Address& address) {
    const auto asked = ask(session, "GET", host_path(address, "/why"));
    if (!asked.value) return asked.exit;
    if (session.json)
        session.terminal.line(json::serialize(*asked.value));
    else
        session.terminal.line(fmt::format("{} {}", text_of(*asked.value, "reason"), text_of(*asked.value, "way_out")));
    return Exit::done;
}

} // namespace provenbl::tools::cli
