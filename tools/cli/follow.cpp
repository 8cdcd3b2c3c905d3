#include "tools/cli/follow.hpp"

#include "tools/cli/last_word.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

Colour colour_of(std::string_view verdict) {
    if (verdict == "open") return Colour::red;
    if (verdict == "refused" || verdict == "closed-port") return Colour::green;
    return Colour::yellow;
}

struct Progress {
    std::int64_t steps = 0; // shown so far, so that a stream taken up again repeats nothing
    std::optional<json::object> finished;
    bool gone = false;
    std::string state;
};

bool show(Session& session, Progress& progress, const Event& event) {
    json::error_code code;
    const auto value = json::parse({event.data.data(), event.data.size()}, code);
    if (code || !value.is_object()) return true;
    const auto& data = value.get_object();
    if (event.name == "step") {
        if (number_of(data, "number") <= progress.steps) return true;
        progress.steps = number_of(data, "number");
        if (session.json)
            emit(session, "step", data);
        else
            session.terminal.line(step_line(session.terminal, data));
    } else if (event.name == "state") {
        const auto state = text_of(data, "state");
        if (std::exchange(progress.state, state) == state) return true;
        if (session.json)
            emit(session, "state", data);
        else if (state == "queued")
            session.terminal.words(Colour::dim, fmt::format("  waiting for the visit, due {}", text_of(data, "due")));
        else
            session.terminal.line(Colour::dim, "  the visit begins");
    } else if (event.name == "finished") {
        if (session.json)
            emit(session, "finished", data);
        else
            session.terminal.words(fmt::format("  {}", text_of(data, "outcome")));
        progress.finished = data;
        return false;
    } else if (event.name == "gone") {
        progress.gone = true;
        return false;
    }
    return true;
}

// A visit belongs to the server: it needs nobody who watches.
std::string farewell(const Address& address, std::string_view way_back) {
    return fmt::format("No longer watching; the visit goes on by itself. Come back with `provenbl {} {}` (and the same "
                       "--server).",
                       way_back, address.to_string());
}

} // namespace

std::string step_line(const Terminal& terminal, const json::object& step) {
    const auto verdict = text_of(step, "verdict");
    const auto detail = text_of(step, "detail");
    // One line in columns where the screen has room for it; else what was found first, and what was said below.
    constexpr std::size_t before_detail = 53;
    if (terminal.columns() == 0 || before_detail + detail.size() <= terminal.columns())
        return fmt::format("  {:<24} port {:<6} {}  {}", text_of(step, "technique"), number_of(step, "port"),
                           terminal.paint(colour_of(verdict), fmt::format("{:<12}", verdict)), detail);
    const auto found =
        wrapped(fmt::format("  {} {} port {}", verdict, text_of(step, "technique"), number_of(step, "port")),
                terminal.columns());
    auto text =
        "  " + terminal.paint(colour_of(verdict), verdict) + found.substr(std::min(2 + verdict.size(), found.size()));
    if (!detail.empty()) text += '\n' + wrapped("    " + detail, terminal.columns());
    return text;
}

Asked follow_scan(Session& session, const Address& address, std::int64_t scan_id, std::string_view way_back) {
    const auto path = host_path(address, fmt::format("/scans/{}?follow=1", scan_id));
    constexpr int attempts = 20;
    const LastWord last_word{farewell(address, way_back)};
    Progress progress;
    for (int i = 0; i < attempts; ++i) {
        const auto reply =
            session.client.follow(path, [&](const Event& event) { return show(session, progress, event); });
        if (!reply) {
            const auto exit = complain_of(session, reply.error());
            if (!progress.state.empty()) session.terminal.complain(farewell(address, way_back));
            return {std::nullopt, exit};
        }
        if (reply->status != 200) return {std::nullopt, complain_of(session, *reply)};
        if (progress.finished) return {std::move(progress.finished), Exit::done};
        if (progress.gone) {
            session.terminal.complain(fmt::format(
                "the server keeps this visit no longer; look with `provenbl lookup {}`", address.to_string()));
            return {std::nullopt, Exit::failed};
        }
    }
    session.terminal.complain(
        fmt::format("the visit has not ended yet; look later with `provenbl lookup {}`", address.to_string()));
    return {std::nullopt, Exit::failed};
}

} // namespace provenbl::tools::cli
