// `letter preview`, `letter send`, `letter list`, `letter opt-out`: advisory letters.
#include "tools/api/request_target.hpp"
#include "tools/cli/commands.hpp"

#include <fmt/format.h>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

std::string line_of(const json::object& letter) {
    auto line = fmt::format("{:<16} case {:<6} {}", text_of(letter, "address"), number_of(letter, "case"),
                            text_of(letter, "state"));
    const auto state = text_of(letter, "state");
    if (state == "queued") line += ", due " + text_of(letter, "due");
    if (state == "sent" || state == "sending") line += " " + text_of(letter, "changed");
    if (const auto contact = text_of(letter, "contact"); !contact.empty()) line += " to " + contact;
    if (const auto tried = joined(array_of(letter, "tried")); !tried.empty()) line += ", not reached: " + tried;
    if (const auto note = text_of(letter, "note"); !note.empty()) line += " - " + note;
    return line;
}

} // namespace

Exit preview_letter(Session& session, const LetterRequest& request) {
    std::string query;
    const auto add = [&](std::string_view name, const std::string& value) {
        if (!value.empty())
            query += fmt::format("{}{}={}", query.empty() ? "?" : "&", name, api::encode_segment(value));
    };
    add("language", request.language);
    add("contact", request.contact);
    const auto asked = ask(session, "GET", host_path(request.address, "/letter" + query));
    if (!asked.value) return asked.exit;
    auto& terminal = session.terminal;
    if (session.json) {
        terminal.line(json::serialize(*asked.value));
        return Exit::done;
    }
    if (request.whole) {
        terminal.line(text_of(*asked.value, "message"));
        return Exit::done;
    }
    terminal.line(fmt::format("To: {}", text_of(*asked.value, "contact")));
    terminal.line(Colour::bold, fmt::format("Subject: {}", text_of(*asked.value, "subject")));
    terminal.line("");
    terminal.line(text_of(*asked.value, "text"));
    return Exit::done;
}

Exit send_letter(Session& session, const LetterRequest& request) {
    json::object body;
    if (!request.language.empty()) body["language"] = request.language;
    if (request.again) body["again"] = true;
    const auto asked = ask(session, "POST", host_path(request.address, "/letter"), json::serialize(body));
    if (!asked.value) return asked.exit;
    if (session.json)
        session.terminal.line(json::serialize(*asked.value));
    else
        session.terminal.line(line_of(*asked.value) + "; `provenbl letter list` says what becomes of it");
    return Exit::done;
}

Exit list_letters(Session& session) {
    const auto asked = ask(session, "GET", "/v1/letters");
    if (!asked.value) return asked.exit;
    auto& terminal = session.terminal;
    if (session.json) {
        terminal.line(json::serialize(*asked.value));
        return Exit::done;
    }
    if (!flag_of(*asked.value, "enabled")) terminal.line("Letters are off (letters.enabled).");
    const auto& rows = array_of(*asked.value, "letters");
    if (rows.empty()) terminal.line("No letter is queued, and none was sent.");
    for (const auto& row : rows) {
        if (row.is_object()) terminal.line(line_of(row.get_object()));
    }
    for (const auto& row : array_of(*asked.value, "opted_out")) {
        if (!row.is_object()) continue;
        terminal.line(fmt::format("no letters to {} since {} ({})", text_of(row.get_object(), "contact"),
                                  text_of(row.get_object(), "since"), text_of(row.get_object(), "note")));
    }
    return Exit::done;
}

Exit opt_out(Session& session, const OptOutRequest& request) {
    json::object body{{"contact", request.contact}};
    if (!request.note.empty()) body["note"] = request.note;
    if (request.remove) body["remove"] = true;
    const auto asked = ask(session, "POST", "/v1/letters/opt-outs", json::serialize(body));
    if (!asked.value) return asked.exit;
    if (session.json)
        session.terminal.line(json::serialize(*asked.value));
    else
        session.terminal.line(fmt::format("{} gets {}.", text_of(*asked.value, "contact"),
                                          flag_of(*asked.value, "opted_out") ? "no more letters" : "letters again"));
    return Exit::done;
}

} // namespace provenbl::tools::cli
