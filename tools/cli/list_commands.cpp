// What concerns the list as a whole: `list` and `unlist` (by hand), `purge`, `shutdown-list`, `resume-list`, `notices`.
#include "tools/cli/list_commands.hpp"

#include "tools/api/request_target.hpp"

#include <fmt/format.h>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

Exit show(Session& session, const Asked& asked, const std::function<std::string(const json::object&)>& words) {
    if (!asked.value) return asked.exit;
    session.terminal.line(session.json ? json::serialize(*asked.value) : words(*asked.value));
    return Exit::done;
}

void add(json::object& body, std::string_view name, const std::string& value) {
    if (!value.empty()) body[name] = value;
}

json::object filter_of(const PurgeRequest& request) {
    json::object body;
    add(body, "since", request.since);
    add(body, "until", request.until);
    add(body, "technique", request.technique);
    add(body, "reporter", request.reporter);
    add(body, "actor", request.actor);
    add(body, "prefix", request.prefix);
    return body;
}

Exit preview(Session& session, const PurgeRequest& request) {
    std::int64_t examined = 0;
    std::int64_t matched = 0;
    auto body = filter_of(request);
    for (;;) {
        const auto asked = ask(session, "POST", "/v1/purges/preview", json::serialize(body));
        if (!asked.value) return asked.exit;
        examined += number_of(*asked.value, "examined");
        for (const auto& item : array_of(*asked.value, "matched")) {
            if (!item.is_string()) continue;
            ++matched;
            const std::string address{item.get_string().c_str(), item.get_string().size()};
            if (session.json)
                emit(session, "matched", {{"address", address}});
            else
                session.terminal.line("  " + address);
        }
        const auto cursor = text_of(*asked.value, "cursor");
        if (cursor.empty()) break;
        body["cursor"] = cursor;
    }
    if (session.json)
        emit(session, "result", {{"examined", examined}, {"matched", matched}});
    else
        session.terminal.line(fmt::format("{} of {} listings would be purged, wholly or in part; nothing was changed.",
                                          matched, examined));
    return Exit::done;
}

Exit go_on(Session& session, std::int64_t number) {
    for (;;) {
        const auto asked = ask(session, "POST", fmt::format("/v1/purges/{}/step", number), "{}");
        if (!asked.value) {
            if (asked.exit == Exit::failed || asked.exit == Exit::unreachable)
                session.terminal.complain(fmt::format("`provenbl purge --resume {}` goes on from here", number));
            return asked.exit;
        }
        const auto& purge = *asked.value;
        const bool finished = !text_of(purge, "finished").empty();
        if (session.json) {
            emit(session, finished ? "result" : "progress", purge);
        } else {
            session.terminal.line(fmt::format("{}{} looked at, {} matched, {} delisted", finished ? "Done: " : "  ",
                                              number_of(purge, "examined"), number_of(purge, "matched"),
                                              number_of(purge, "delisted")));
        }
        if (finished) return Exit::done;
    }
}

} // namespace

Exit list_manually(Session& session, const ManualRequest& request) {
    json::object body{{"address", request.address.to_string()},
                      {"class", request.cls},
                      {"reason", request.reason},
                      {"until", request.expires}};
    add(body, "by", request.by);
    return show(session, ask(session, "POST", "/v1/manual", json::serialize(body)), [](const json::object& host) {
        return fmt::format("{} is listed by hand, without proof: {}.", text_of(host, "address"),
                           joined(array_of(host, "classes")));
    });
}

Exit end_manual(Session& session, const ManualRequest& request) {
    json::object body{{"note", request.reason}};
    add(body, "by", request.by);
    const auto path = "/v1/manual/" + api::encode_segment(request.address.to_string()) + "/end";
    return show(session, ask(session, "POST", path, json::serialize(body)), [](const json::object& host) {
        return flag_of(host, "listed") ? fmt::format("{} stays listed for what was proven: {}.",
                                                     text_of(host, "address"), joined(array_of(host, "classes")))
                                       : fmt::format("{} is no longer listed.", text_of(host, "address"));
    });
}

Exit purge(Session& session, const PurgeRequest& request) {
    if (request.resume != 0) return go_on(session, static_cast<std::int64_t>(request.resume));
    if (request.dry_run) return preview(session, request);
    auto body = filter_of(request);
    body["note"] = request.note;
    add(body, "by", request.by);
    const auto begun = ask(session, "POST", "/v1/purges", json::serialize(body));
    if (!begun.value) return begun.exit;
    const auto number = number_of(*begun.value, "purge");
    if (session.json)
        emit(session, "begun", *begun.value);
    else
        session.terminal.line(fmt::format("Purge {} has begun.", number));
    return go_on(session, number);
}

Exit shut_down_list(Session& session, const NoteRequest& request) {
    json::object body{{"note", request.note}};
    add(body, "by", request.by);
    return show(session, ask(session, "POST", "/v1/shutdown", json::serialize(body)), [](const json::object&) {
        return std::string{"The list is shut down: its zones are empty, and take no reports. `provenbl resume-list` "
                           "opens it again."};
    });
}

Exit resume_list(Session& session, const NoteRequest& request) {
    json::object body;
    add(body, "note", request.note);
    add(body, "by", request.by);
    return show(session, ask(session, "POST", "/v1/resume", json::serialize(body)),
                [](const json::object&) { return std::string{"The list is open again."}; });
}

Exit show_notices(Session& session) {
    const auto asked = ask(session, "GET", "/v1/notices");
    if (!asked.value) return asked.exit;
    if (session.json) return show(session, asked, {});
    const auto& rows = array_of(*asked.value, "notices");
    if (rows.empty()) session.terminal.line("There are no notices.");
    for (const auto& value : rows) {
        if (!value.is_object()) continue;
        const auto& row = value.get_object();
        session.terminal.line(fmt::format("{} {}: {}", text_of(row, "at"), text_of(row, "kind"), text_of(row, "text")));
    }
    return Exit::done;
}

} // namespace provenbl::tools::cli
