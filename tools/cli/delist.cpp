// `report` and `delist`: asking for a visit, and following it to its end.
#include "tools/api/rfc3339.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/follow.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

using namespace std::chrono_literals;
constexpr auto worth_waiting = 2min; // for a confirming visit that the policy has set
constexpr int most_visits = 20;

// The visit that comes by itself, for the owner, soon enough to wait for; 0 for none.
std::int64_t confirming_visit(const json::object& host) {
    const auto& next = object_of(host, "next_visit");
    if (text_of(next, "kind") != "owner") return 0;
    const auto now = api::parse_time(text_of(host, "now"));
    const auto due = api::parse_time(text_of(next, "due"));
    if (!now || !due || *due - *now > worth_waiting) return 0;
    return number_of(next, "scan");
}

std::int64_t longest_ttl(const json::object& host) {
    std::int64_t longest = 0;
    for (const auto& zone : array_of(host, "zones")) {
        if (zone.is_object()) longest = std::max(longest, number_of(zone.get_object(), "ttl"));
    }
    return longest;
}

void say_delisted(Session& session, const json::object& host) {
    auto& terminal = session.terminal;
    const auto address = text_of(host, "address");
    terminal.line(Colour::green, fmt::format("{} is no longer listed.", address));
    terminal.line(
        fmt::format("DNS says so from the next question on; caches that have asked before forget the listing within "
                    "{} seconds.",
                    longest_ttl(host)));
}

void say_listed(Session& session, const json::object& host) {
    auto& terminal = session.terminal;
    terminal.line(Colour::red,
                  fmt::format("{} is still listed: {}.", text_of(host, "address"), joined(array_of(host, "classes"))));
    for (const auto& item : array_of(host, "holes")) {
        if (!item.is_object()) continue;
        const auto& hole = item.get_object();
        terminal.line(fmt::format("  {} at {} port {}: {}", text_of(hole, "technique"), text_of(hole, "entry"),
                                  number_of(hole, "port"), text_of(hole, "explanation")));
    }
    const auto& next = object_of(host, "next_visit");
    if (!next.empty()) terminal.line(fmt::format("The next look comes at {}.", text_of(next, "due")));
    terminal.line(fmt::format("`provenbl evidence {}` shows what was proven. Close it, then ask again.",
                              text_of(host, "address")));
}

Exit conclude(Session& session, const json::object& host) {
    const bool listed = flag_of(host, "listed");
    if (session.json)
        emit(session, "result", host);
    else if (listed)
        say_listed(session, host);
    else
        say_delisted(session, host);
    return listed ? Exit::listed : Exit::done;
}

} // namespace

Exit report(Session& session, const ReportRequest& request) {
    json::array ports;
    for (const auto port : request.ports) ports.emplace_back(port);
    json::object body{{"address", request.address.to_string()}, {"ports", std::move(ports)}};
    if (!request.comment.empty()) body["comment"] = request.comment;
    const auto asked = ask(session, "POST", "/v1/reports", json::serialize(body));
    if (!asked.value) return asked.exit;
    if (session.json)
        emit(session, "reported", *asked.value);
    else if (number_of(*asked.value, "scan") == 0)
        session.terminal.line(text_of(*asked.value, "detail"));
    else
        session.terminal.line(fmt::format("Report {}: {} will be visited.", number_of(*asked.value, "report"),
                                          request.address.to_string()));
    if (!request.follow || number_of(*asked.value, "scan") == 0) return Exit::done;

    const auto finished = follow_scan(session, request.address, number_of(*asked.value, "scan"));
    if (!finished.value) return finished.exit;
    const auto host = ask(session, "GET", host_path(request.address));
    if (!host.value) return host.exit;
    if (session.json) {
        emit(session, "result", *host.value);
    } else if (flag_of(*host.value, "listed")) {
        session.terminal.line(Colour::red, fmt::format("{} is listed: {}.", request.address.to_string(),
                                                       joined(array_of(*host.value, "classes"))));
    } else {
        session.terminal.line(Colour::green, fmt::format("{} is not listed.", request.address.to_string()));
    }
    return Exit::done;
}

Exit delist(Session& session, const Address& address) {
    auto host = ask(session, "GET", host_path(address));
    if (!host.value) return host.exit;
    if (!flag_of(*host.value, "listed")) {
        if (session.json)
            emit(session, "result", *host.value);
        else
            session.terminal.line(Colour::green,
                                  fmt::format("{} is not listed: there is nothing to remove.", address.to_string()));
        return Exit::done;
    }
    const auto asked = ask(session, "POST", host_path(address, "/rescan"));
    if (!asked.value) return asked.exit;
    if (session.json)
        emit(session, "asked", *asked.value);
    else
        session.terminal.line(
            fmt::format("Asked for a look at {}. What is tried, as it happens:", address.to_string()));

    auto scan = number_of(*asked.value, "scan");
    for (int visit = 0; visit < most_visits && scan != 0; ++visit) {
        const auto finished = follow_scan(session, address, scan);
        if (!finished.value) return finished.exit;
        host = ask(session, "GET", host_path(address));
        if (!host.value) return host.exit;
        if (!flag_of(*host.value, "listed")) break;
        scan = confirming_visit(*host.value);
        if (scan != 0 && !session.json)
            session.terminal.line(
                fmt::format("One more look is needed, at {}.", text_of(object_of(*host.value, "next_visit"), "due")));
    }
    return conclude(session, *host.value);
}

} // namespace provenbl::tools::cli
