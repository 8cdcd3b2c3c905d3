// `key add`, `key list`, `key revoke`: access keys.
#include "tools/api/request_target.hpp"
#include "tools/cli/commands.hpp"

#include <fmt/format.h>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

std::string quota(const json::object& row) {
    std::string text;
    const auto add = [&](std::string_view member, std::string_view unit) {
        const auto most = number_of(row, member);
        if (most != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", most, unit);
    };
    add("per_second", "a second");
    add("per_day", "a day");
    return text.empty() ? "no quota" : text;
}

bool is_known(const json::object& row, std::string_view member) {
    const auto* const value = row.if_contains({member.data(), member.size()});
    return value != nullptr && value->is_number();
}

} // namespace

Exit add_key(Session& session, const KeyRequest& request) {
    json::object body{{"name", request.name}};
    if (request.per_second != 0) body["per_second"] = request.per_second;
    if (request.per_day != 0) body["per_day"] = request.per_day;
    if (!request.note.empty()) body["note"] = request.note;
    const auto asked = ask(session, "POST", "/v1/keys", json::serialize(body));
    if (!asked.value) return asked.exit;
    if (session.json) {
        session.terminal.line(json::serialize(*asked.value));
        return Exit::done;
    }
    const auto key = text_of(*asked.value, "key");
    session.terminal.line(
        fmt::format("The key of {} ({}): {}", text_of(*asked.value, "name"), quota(*asked.value), key));
    session.terminal.line("Keep it now: it is not stored, and is never shown again.");
    session.terminal.line(fmt::format("It stands in front of the zone: 2.0.0.127.{}.ZONE", key));
    return Exit::done;
}

Exit list_keys(Session& session) {
    const auto asked = ask(session, "GET", "/v1/keys");
    if (!asked.value) return asked.exit;
    if (session.json) {
        session.terminal.line(json::serialize(*asked.value));
        return Exit::done;
    }
    const auto& rows = array_of(*asked.value, "keys");
    if (rows.empty()) session.terminal.line("There are no access keys.");
    for (const auto& value : rows) {
        if (!value.is_object()) continue;
        const auto& row = value.get_object();
        const auto revoked = text_of(row, "revoked");
        const auto note = text_of(row, "note");
        auto line = fmt::format("{:<24} {}", text_of(row, "name"), quota(row));
        if (!revoked.empty())
            line += ", revoked " + revoked;
        else if (is_known(row, "today"))
            line += fmt::format("; today {}, refused {}", number_of(row, "today"), number_of(row, "refused"));
        else
            line += "; use unknown (DNS is served by another process)";
        if (!note.empty()) line += " - " + note;
        session.terminal.line(line);
    }
    return Exit::done;
}

Exit revoke_key(Session& session, const std::string& name) {
    const auto asked = ask(session, "DELETE", "/v1/keys/" + api::encode_segment(name));
    if (!asked.value) return asked.exit;
    if (session.json)
        session.terminal.line(json::serialize(*asked.value));
    else
        session.terminal.line(fmt::format("The key of {} is revoked: within a second it is not answered any more.",
                                          text_of(*asked.value, "name")));
    return Exit::done;
}

} // namespace provenbl::tools::cli
