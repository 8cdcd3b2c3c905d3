// `reporter add`, `list`, `limits`, `revoke`.
#include "tools/api/request_target.hpp"
#include "tools/cli/list_commands.hpp"

#include <fmt/format.h>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

std::string limit(const json::object& row, std::string_view name) {
    const auto value = number_of(row, name);
    return value == 0 ? "no limit" : fmt::format("{}", value);
}

std::string line_of(const json::object& row) {
    const auto revoked = text_of(row, "revoked");
    return fmt::format("{:<24} standing {} ({}), {} of {} right, {} wrong; {} an hour, {} a day{}{}",
                       text_of(row, "name"), number_of(row, "standing"), text_of(row, "trust"), number_of(row, "right"),
                       number_of(row, "received"), number_of(row, "wrong"), limit(row, "per_hour"),
                       limit(row, "per_day"), flag_of(row, "trap") ? ", a trap" : "",
                       revoked.empty() ? "" : ", revoked at " + revoked);
}

std::string path_of(const ReporterRequest& request) {
    return "/v1/reporters/" + api::encode_segment(request.name);
}

json::object wishes_of(const ReporterRequest& request) {
    json::object body;
    if (request.per_hour) body["per_hour"] = *request.per_hour;
    if (request.per_day) body["per_day"] = *request.per_day;
    if (!request.note.empty()) body["note"] = request.note;
    if (request.trap) body["trap"] = true;
    if (request.no_trap) body["trap"] = false;
    if (request.forgive) body["forgive"] = true;
    return body;
}

Exit show(Session& session, const Asked& asked) {
    if (!asked.value) return asked.exit;
    session.terminal.line(session.json ? json::serialize(*asked.value) : line_of(*asked.value));
    return Exit::done;
}

} // namespace

Exit add_reporter(Session& session, const ReporterRequest& request) {
    auto body = wishes_of(request);
    body["name"] = request.name;
    const auto asked = ask(session, "POST", "/v1/reporters", json::serialize(body));
    if (!asked.value) return asked.exit;
    if (session.json) {
        session.terminal.line(json::serialize(*asked.value));
        return Exit::done;
    }
    session.terminal.line(line_of(*asked.value));
    session.terminal.line(fmt::format("Its key, which is shown this once: {}", text_of(*asked.value, "key")));
    session.terminal.line("It reports with: curl -H 'Authorization: Bearer KEY' -d '{\"address\": \"...\"}' "
                          "http://HOST/v1/reports");
    return Exit::done;
}

Exit list_reporters(Session& session) {
    const auto asked = ask(session, "GET", "/v1/reporters");
    if (!asked.value) return asked.exit;
    if (session.json) {
        session.terminal.line(json::serialize(*asked.value));
        return Exit::done;
    }
    const auto& rows = array_of(*asked.value, "reporters");
    if (rows.empty()) session.terminal.line("There are no reporters.");
    for (const auto& row : rows) {
        if (row.is_object()) session.terminal.line(line_of(row.get_object()));
    }
    return Exit::done;
}

Exit change_reporter(Session& session, const ReporterRequest& request) {
    return show(session, ask(session, "PATCH", path_of(request), json::serialize(wishes_of(request))));
}

Exit revoke_reporter(Session& session, const ReporterRequest& request) {
    return show(session, ask(session, "DELETE", path_of(request)));
}

} // namespace provenbl::tools::cli
