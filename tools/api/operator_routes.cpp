// What only the operator may do: exclude, see how the server is.
#include "store/exclusions.hpp"
#include "store/journal.hpp"
#include "store/ledger.hpp"
#include "store/notices.hpp"
#include "store/sweeps.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/request_body.hpp"
#include "tools/api/rfc3339.hpp"
#include "tools/api/router.hpp"
#include "tools/metrics/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace provenbl::tools::api::routes {
namespace json = boost::json;
namespace {

constexpr std::size_t comment_limit = 1000;
constexpr std::size_t name_limit = 100;
constexpr std::size_t shown_exclusions = 10'000;
constexpr std::uint64_t looked_back = 50; // changes that a status looks at
constexpr std::size_t shown_changes = 10;
// An exclusion of half the Internet is a slip of the finger, and delists whatever it covers.
constexpr unsigned widest_v4 = 8;
constexpr unsigned widest_v6 = 16;

// The newest first.
std::vector<Change> recent_changes(const ReadTxn& txn) {
    std::vector<Change> found;
    const auto last = journal::last(txn);
    journal::walk(txn, last > looked_back ? last - looked_back : 0, [&](const Change& change) {
        if (names_host(change.reason)) found.push_back(change);
        return true;
    });
    std::reverse(found.begin(), found.end());
    if (found.size() > shown_changes) found.resize(shown_changes);
    return found;
}

Result<Exclusion> read_exclusion(const Request& request, Time now) {
    const auto body = parse_body(request.body, {"prefix", "reason", "until", "by"});
    if (!body) return body.error();
    Exclusion exclusion;
    const auto text = text_member(*body, "prefix", 64, true);
    if (!text) return text.error();
    const auto prefix = Prefix::parse(*text);
    if (!prefix) return prefix.error();
    if (prefix->length() < (prefix->base().is_v4() ? widest_v4 : widest_v6))
        return Error{Errc::invalid, fmt::format("{} is too wide; exclude at most a /{} (IPv4) or a /{} (IPv6) at once",
                                                prefix->to_string(), widest_v4, widest_v6)};
    exclusion.prefix = *prefix;
    const auto reason = text_member(*body, "reason", comment_limit, true);
    if (!reason) return reason.error();
    exclusion.reason = *reason;
    const auto by = text_member(*body, "by", name_limit, false);
    if (!by) return by.error();
    exclusion.by = by->empty() ? "operator" : *by;
    const auto until = text_member(*body, "until", name_limit, false);
    if (!until) return until.error();
    if (!until->empty()) {
        const auto time = parse_time(*until);
        if (!time) return time.error();
        if (*time <= now)
            return Error{Errc::invalid, fmt::format("'until' ({}) is past; expected a time to come", to_string(*time))};
        exclusion.until = *time;
    }
    exclusion.created = now;
    return exclusion;
}

} // namespace

Response list_exclusions(const Context& context) {
    const auto now = context.clock.now();
    json::array rows;
    context.store.read([&](const ReadTxn& txn) {
        exclusions::walk(txn, [&](const Exclusion& exclusion) {
            auto row = describe_to_operator(exclusion, now);
            row["under_way"] = sweeps::find(txn, exclusion.prefix).has_value();
            rows.emplace_back(std::move(row));
            return rows.size() < shown_exclusions;
        });
    });
    return json_response({{"exclusions", std::move(rows)}});
}

Answer add_exclusion(const Context& context, const Request& request) {
    const auto read = read_exclusion(request, context.clock.now());
    if (!read) return problem(read.error());
    struct Done {
        std::size_t delisted = 0;
        bool under_way = false;
    };
    auto done = std::make_shared<Done>();
    Write write;
    write.work = [exclusion = *read, done](WriteTxn& txn) -> Result<> {
        const auto result = ledger::exclude(txn, exclusion);
        if (!result) return result.error();
        *done = {*result, sweeps::find(txn, exclusion.prefix).has_value()};
        return {};
    };
    write.respond = [exclusion = *read, done, &context](const Result<>& committed) {
        if (!committed) return problem(committed.error());
        auto object = describe_to_operator(exclusion, context.clock.now());
        object["delisted"] = done->delisted;
        object["under_way"] = done->under_way;
        return json_response(object, 201);
    };
    return write;
}

Answer remove_exclusion(const Context& /*context*/, const RequestTarget& target) {
    // "192.0.2.0/24" may come as two segments, or as one with its slash encoded.
    auto text = target.segments[2];
    for (std::size_t i = 3; i < target.segments.size(); ++i) text += "/" + target.segments[i];
    const auto prefix = Prefix::parse(text);
    if (!prefix) return problem(prefix.error());
    Write write;
    write.work = [prefix = *prefix](WriteTxn& txn) -> Result<> {
        if (exclusions::remove(txn, prefix)) return {};
        return Error{Errc::not_found, fmt::format("{} is not excluded as such; `provenbl exclude --list` shows what is",
                                                  prefix.to_string())};
    };
    write.respond = [prefix = *prefix](const Result<>& committed) {
        if (!committed) return problem(committed.error());
        return json_response({{"removed", prefix.to_string()}});
    };
    return write;
}

Response status(const Context& context) {
    const auto store = context.store.statistics();
    struct View {
        std::uint64_t serial;
        std::optional<Time> next;
        std::optional<Notice> shutdown;
        std::vector<Change> recent;
    };
    const auto due = context.store.read([](const ReadTxn& txn) {
        return View{journal::last(txn), ledger::next_due(txn), notices::shutdown(txn), recent_changes(txn)};
    });
    json::array zones;
    for (const auto& zone : context.configuration.zones.zones)
        zones.emplace_back(json::object{{"apex", zone.apex}, {"classes", describe(zone.classes)}, {"ttl", zone.ttl}});
    json::object object{{"version", PROVENBL_VERSION},
                        {"now", describe(context.clock.now())},
                        {"trouble", context.store.trouble()},
                        {"serial", static_cast<std::uint32_t>(due.serial)},
                        {"shutdown", due.shutdown ? json::value(describe(*due.shutdown)) : json::value{}},
                        {"listed", {{"ipv4", store.listed4}, {"ipv6", store.listed6}}},
                        {"queue", {{"due", store.due}, {"next", due.next ? describe(*due.next) : json::value{}}}},
                        {"store",
                         {{"commits", store.commits},
                          {"pieces", store.pieces},
                          {"queued", store.queued},
                          {"map_size", store.map_size},
                          {"map_used", store.map_used},
                          {"hosts", store.hosts},
                          {"journal", store.journal},
                          {"pending_tokens", store.pending_tokens}}},
                        {"zones", std::move(zones)}};
    auto& recent = object["recent"].emplace_array();
    for (const auto& change : due.recent)
        recent.emplace_back(json::object{{"at", describe(change.at)},
                                         {"address", change.address.to_string()},
                                         {"before", describe(change.before)},
                                         {"after", describe(change.after)},
                                         {"reason", to_string(change.reason)}});
    const auto services = context.services();
    for (const auto& service : services) {
        // The classes are of the list, not of a role.
        auto& place = service.key() == "classes" ? object["listed"].as_object() : object;
        place[service.key()] = service.value();
    }
    return json_response(object);
}

Response dns_statistics(const Context& context) {
    const auto all = context.services();
    const auto* dns = all.if_contains("dns");
    return json_response(dns != nullptr ? *dns : json::value(json::object{}));
}

Response metrics(const Context& context) {
    if (!context.metrics) return problem(404, "not-found", "this process tells no figures");
    Response response;
    response.content_type = tools::metrics::content_type;
    response.body = context.metrics();
    return response;
}

Response ready(const Context& context) {
    const auto trouble = context.store.trouble();
    if (!trouble.empty()) return problem(503, "trouble", trouble);
    return json_response({{"ready", true}});
}

} // namespace provenbl::tools::api::routes
