// What the list is, for everybody: its rules (RFC 6471 2.1), its zones, how much is listed, what errors mean.
#include "store/hosts.hpp"
#include "store/journal.hpp"
#include "store/notices.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/router.hpp"
#include "tools/origins/counter.hpp"
#include "verifier/technique.hpp"

#include <fmt/format.h>

namespace provenbl::tools::api::routes {
namespace json = boost::json;
namespace {

using namespace std::chrono_literals;
constexpr auto count_again_after = 1min;

std::int64_t seconds(Duration span) {
    return std::chrono::duration_cast<std::chrono::seconds>(span).count();
}

// A walk of the serving index: some 20 ms for a million entries, so not for every request.
void count_classes(const ReadTxn& txn, std::uint64_t serial, Time now, RouterState::Counts& counts) {
    const bool fresh = counts.at != Time{} && now - counts.at < count_again_after && now >= counts.at;
    if (counts.at != Time{} && (fresh || counts.serial == serial)) return;
    counts = {now, serial, {}};
    hosts::walk_listed(txn, [&](const Address&, const Listing& listing) {
        for (std::size_t i = 0; i < all_listing_classes.size(); ++i) {
            if (listing.classes.contains(all_listing_classes[i])) ++counts.of[i];
        }
        return true;
    });
}

json::object describe_type(const ProblemType& type) {
    return {{"type", fmt::format("/v1/problems/{}", type.code)},
            {"code", type.code},
            {"title", type.title},
            {"meaning", type.meaning}};
}

// Null until it has been counted for the first time.
json::value describe_origins(const origins::Counter* counter) {
    const auto last = counter != nullptr ? counter->last() : std::nullopt;
    if (!last) return nullptr;
    json::object object{{"counted", describe(last->counted)}, {"hosts", last->hosts}};
    if (last->by_country) {
        json::array rows;
        for (const auto& row : last->countries)
            rows.emplace_back(
                json::object{{"country", row.country.code}, {"name", as_utf8(row.country.name)}, {"hosts", row.hosts}});
        object["countries"] = {
            {"most", std::move(rows)}, {"others", last->other_countries}, {"unknown", last->no_country}};
    }
    if (last->by_network) {
        json::array rows;
        for (const auto& row : last->networks)
            rows.emplace_back(
                json::object{{"asn", row.network.number}, {"name", as_utf8(row.network.name)}, {"hosts", row.hosts}});
        object["networks"] = {
            {"most", std::move(rows)}, {"others", last->other_networks}, {"unknown", last->no_network}};
    }
    if (!counter->credit().empty()) object["credit"] = counter->credit();
    return object;
}

Response kept_for(Response response, std::chrono::seconds span) {
    response.headers.emplace_back("Cache-Control", fmt::format("public, max-age={}", span.count()));
    return response;
}

} // namespace

Response criteria(const Context& context) {
    const auto& rules = context.configuration.verifier.policy;
    json::array techniques;
    for (const auto* const technique : verifier::all_techniques())
        techniques.emplace_back(json::object{
            {"name", technique->name}, {"class", to_string(technique->cls)}, {"explanation", technique->explanation}});
    json::array zones;
    for (const auto& zone : context.configuration.zones.zones)
        zones.emplace_back(json::object{{"zone", zone.apex}, {"classes", describe(zone.classes)}});
    return tagged_response({{"listing",
                             {{"proofs_needed", 1},
                              {"exits_are_listed", rules.list_exits},
                              {"by_hand", rules.manual_listing},
                              {"ipv6_prefix", rules.ipv6_granularity}}},
                            {"delisting",
                             {{"rescan_interval", seconds(rules.rescan_interval)},
                              {"silent_visits", rules.silent_scans},
                              {"silent_spacing", seconds(rules.silent_spacing)},
                              {"closed_port_spacing", seconds(rules.closed_port_spacing)},
                              {"inconclusive_visits", rules.inconclusive_scans},
                              {"unreachable_expiry", seconds(rules.unreachable_expiry)},
                              {"proof_life", seconds(rules.proof_life)},
                              {"flip_window", seconds(rules.flip_window)},
                              {"flip_clean_visits", rules.flip_clean_scans},
                              {"flip_spacing", seconds(rules.flip_spacing)},
                              {"owner_spacing", seconds(rules.owner_spacing)},
                              {"owner_spacing_most", seconds(rules.owner_spacing_most)}}},
                            {"reports",
                             {{"reporters_needed", rules.reports_needed},
                              {"spacing", seconds(rules.report_spacing)},
                              {"window", seconds(rules.report_window)},
                              {"without_key", rules.anonymous_reports}}},
                            {"techniques", std::move(techniques)},
                            {"zones", std::move(zones)},
                            {"explanation", context.configuration.verifier.identity.page},
                            {"contact", context.configuration.verifier.identity.contact}});
}

Response statistics(const Context& context, RouterState& state) {
    const auto now = context.clock.now();
    const auto sizes = context.store.statistics();
    std::uint64_t serial = 0;
    bool shut_down = false;
    context.store.read([&](const ReadTxn& txn) {
        serial = journal::last(txn);
        shut_down = notices::shutdown(txn).has_value();
        count_classes(txn, serial, now, state.counts);
    });
    json::object by_class;
    for (std::size_t i = 0; i < all_listing_classes.size(); ++i)
        by_class[to_string(all_listing_classes[i])] = state.counts.of[i];
    return json_response({{"now", describe(now)},
                          {"serial", static_cast<std::uint32_t>(serial)},
                          {"shut_down", shut_down},
                          {"listed", {{"ipv4", sizes.listed4}, {"ipv6", sizes.listed6}}},
                          {"by_class", std::move(by_class)},
                          {"by_class_counted", describe(state.counts.at)},
                          {"origins", describe_origins(context.origins)}});
}

Response zones(const Context& context) {
    const auto now = context.clock.now();
    std::uint64_t serial = 0;
    Time changed{};
    context.store.read([&](const ReadTxn& txn) {
        serial = journal::last(txn);
        if (serial == 0) return;
        journal::walk(txn, serial - 1, [&](const Change& change) {
            changed = change.at;
            return false;
        });
    });
    const auto age = changed == Time{} ? json::value{} : json::value(seconds(std::max(now - changed, Duration{0})));
    json::array rows;
    for (const auto& zone : context.configuration.zones.zones)
        rows.emplace_back(json::object{{"zone", zone.apex},
                                       {"classes", describe(zone.classes)},
                                       {"ttl", zone.ttl},
                                       {"serial", static_cast<std::uint32_t>(serial)},
                                       {"changed", describe(changed)},
                                       {"age", age}});
    return json_response({{"now", describe(now)}, {"zones", std::move(rows)}});
}

Response list_problem_types() {
    json::array rows;
    for (const auto& type : problem_types()) rows.emplace_back(describe_type(type));
    return kept_for(json_response({{"problems", std::move(rows)}}), 1h);
}

Response problem_type(const std::string& code) {
    const auto* const type = find_problem_type(code);
    if (type == nullptr) return problem(404, "not-found", "no problem has this name; /v1/problems lists them");
    return kept_for(json_response(describe_type(*type)), 1h);
}

} // namespace provenbl::tools::api::routes
