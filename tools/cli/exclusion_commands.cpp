// `exclusion requests`, `exclusion accept`, `exclusion refuse`: who wants to be left alone.
#include "tools/cli/commands.hpp"

#include <fmt/format.h>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

// A stranger's line breaks: what follows one is below his first line, and never looks like a row of ours.
std::string indented(const std::string& text) {
    std::string lines;
    for (const char c : text) lines += c == '\n' ? std::string{"\n     | "} : std::string(1, c);
    return lines;
}

void show_request(Terminal& terminal, const json::object& request) {
    const auto state = text_of(request, "state");
    auto line = fmt::format("{:<4} {:<24} {}", number_of(request, "id"), text_of(request, "prefix"), state);
    if (state == "waiting") line += " until " + text_of(request, "expires");
    if (state == "accepted" || state == "refused")
        line += fmt::format(" {} by {}: {}", text_of(request, "decided"), text_of(request, "by"),
                            indented(text_of(request, "answer")));
    terminal.line(line);
    const auto contact = text_of(request, "contact");
    terminal.line(fmt::format("     sent {} from {}{}: {}", text_of(request, "received"), text_of(request, "requester"),
                              contact.empty() ? "" : ", " + indented(contact), indented(text_of(request, "text"))));
}

std::string path_to(const DecideRequest& request, std::string_view what) {
    return fmt::format("/v1/exclusion-requests/{}/{}", request.id, what);
}

json::object body_of(const DecideRequest& request) {
    json::object body;
    if (!request.reason.empty()) body["reason"] = request.reason;
    if (!request.by.empty()) body["by"] = request.by;
    if (!request.until.empty()) body["until"] = request.until;
    return body;
}

} // namespace

Exit list_exclusion_requests(Session& session, bool all) {
    const auto asked = ask(session, "GET", "/v1/exclusion-requests");
    if (!asked.value) return asked.exit;
    auto& terminal = session.terminal;
    if (session.json) {
        terminal.line(json::serialize(*asked.value));
        return Exit::done;
    }
    std::size_t shown = 0;
    for (const auto& row : array_of(*asked.value, "requests")) {
        if (!row.is_object() || (!all && text_of(row.get_object(), "state") != "waiting")) continue;
        show_request(terminal, row.get_object());
        ++shown;
    }
    if (shown == 0) terminal.line(all ? "Nobody has asked to be left alone." : "No request waits for an answer.");
    return Exit::done;
}

Exit accept_exclusion(Session& session, const DecideRequest& request) {
    const auto asked = ask(session, "POST", path_to(request, "accept"), json::serialize(body_of(request)));
    if (!asked.value) return asked.exit;
    if (session.json) {
        session.terminal.line(json::serialize(*asked.value));
        return Exit::done;
    }
    const auto until = text_of(*asked.value, "until");
    session.terminal.line(fmt::format(
        "{} will neither be probed nor listed{}; {} of its hosts were delisted{}.", text_of(*asked.value, "prefix"),
        until.empty() ? "" : " until " + until, number_of(*asked.value, "delisted"),
        flag_of(*asked.value, "under_way") ? " so far, and the verifier takes off the others, step by step" : ""));
    return Exit::done;
}

Exit refuse_exclusion(Session& session, const DecideRequest& request) {
    const auto asked = ask(session, "POST", path_to(request, "refuse"), json::serialize(body_of(request)));
    if (!asked.value) return asked.exit;
    if (session.json)
        session.terminal.line(json::serialize(*asked.value));
    else
        session.terminal.line(
            fmt::format("Request {} is refused: {}", number_of(*asked.value, "id"), text_of(*asked.value, "answer")));
    return Exit::done;
}

} // namespace provenbl::tools::cli
