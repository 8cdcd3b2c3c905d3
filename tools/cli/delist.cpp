// `report`, `delist` and `selftest`: asking for a visit, and following it to its end.
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
    terminal.words(Colour::green, fmt::format("{} is no longer listed.", address));
    terminal.words(
        fmt::format("DNS says so from the next question on; caches that have asked before forget the listing within "
                    "{} seconds.",
                    longest_ttl(host)));
}

void say_listed(Session& session, const json::object& host) {
    auto& terminal = session.terminal;
    terminal.words(Colour::red,
                   fmt::format("{} is still listed: {}.", text_of(host, "address"), joined(array_of(host, "classes"))));
    for (const auto& item : array_of(host, "holes")) {
        if (!item.is_object()) continue;
        const auto& hole = item.get_object();
        terminal.words(fmt::format("  {} at {} port {}: {}", text_of(hole, "technique"), text_of(hole, "entry"),
                                   number_of(hole, "port"), text_of(hole, "explanation")));
    }
    const auto& next = object_of(host, "next_visit");
    if (!next.empty()) terminal.words(fmt::format("The next look comes at {}.", text_of(next, "due")));
    terminal.words(
        fmt::format("`provenbl evidence {0}` shows what was proven, `provenbl fix {0}` how to close it. Close "
                    "it, then ask again.",
                    text_of(host, "address")));
}

void say_one_more(Session& session, const json::object& host) {
    const auto due = text_of(object_of(host, "next_visit"), "due");
    const auto now = api::parse_time(text_of(host, "now"));
    const auto at = api::parse_time(due);
    const auto wait = now && at ? std::chrono::ceil<std::chrono::seconds>(*at - *now).count() : 0;
    session.terminal.words(wait > 0 ? fmt::format("One more look is needed, in {} seconds (at {}).", wait, due)
                                    : fmt::format("One more look is needed, now."));
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

    const auto finished = follow_scan(session, request.address, number_of(*asked.value, "scan"), "lookup");
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
    // One that is under way is watched: whoever has asked, and left, comes back to it.
    auto scan = confirming_visit(*host.value);
    if (scan != 0) {
        if (!session.json)
            session.terminal.words(fmt::format("A look at {} has been asked for already. What is tried, as it happens:",
                                               address.to_string()));
    } else {
        const auto asked = ask(session, "POST", host_path(address, "/rescan"));
        if (!asked.value) {
            constexpr unsigned too_many_requests = 429;
            if (asked.status == too_many_requests)
                session.terminal.complain(
                    fmt::format("ask again then: `provenbl delist {}`; it is looked at by itself, too, "
                                "see `provenbl why {}`",
                                address.to_string(), address.to_string()));
            return asked.exit;
        }
        if (session.json)
            emit(session, "asked", *asked.value);
        else
            session.terminal.words(
                fmt::format("Asked for a look at {}. What is tried, as it happens:", address.to_string()));
        scan = number_of(*asked.value, "scan");
    }
    for (int visit = 0; visit < most_visits && scan != 0; ++visit) {
        const auto finished = follow_scan(session, address, scan, "delist");
        if (!finished.value) return finished.exit;
        host = ask(session, "GET", host_path(address));
        if (!host.value) return host.exit;
        if (!flag_of(*host.value, "listed")) break;
        scan = confirming_visit(*host.value);
        if (scan != 0 && !session.json) say_one_more(session, *host.value);
    }
    return conclude(session, *host.value);
}

Exit self_test(Session& session) {
    const auto asked = ask(session, "POST", "/v1/selftest");
    if (!asked.value) return asked.exit;
    const auto address = Address::parse(text_of(*asked.value, "address"));
    if (!address) return complain_of(session, address.error());
    if (session.json)
        emit(session, "asked", *asked.value);
    else
        session.terminal.words(
            fmt::format("You come from {}. What is tried there, as it happens:", address->to_string()));
    const auto finished = follow_scan(session, *address, number_of(*asked.value, "scan"), "lookup");
    if (!finished.value) return finished.exit;
    const auto host = ask(session, "GET", host_path(*address));
    if (!host.value) return host.exit;
    const bool listed = flag_of(*host.value, "listed");
    if (session.json) {
        emit(session, "result", *host.value);
    } else if (listed) {
        session.terminal.line("Something of yours is open to anybody:");
        say_listed(session, *host.value);
    } else {
        session.terminal.line(Colour::green,
                              fmt::format("Nothing was found open at {}, and it is not listed.", address->to_string()));
        session.terminal.line(text_of(*finished.value, "outcome"));
    }
    return listed ? Exit::listed : Exit::done;
}

} // namespace provenbl::tools::cli
