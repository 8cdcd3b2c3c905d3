#include "tools/api/route_table.hpp"

namespace provenbl::tools::api {
namespace {

constexpr std::string_view address_parameter = "{address}";

// Cuts the first segment off.
std::string_view next_segment(std::string_view& path) {
    path.remove_prefix(1); // its slash
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

} // namespace

std::span<const Route> all_routes() {
    using enum Who;
    using enum Limited;
    static constexpr Route all[]{
        {"GET", "/healthz", any_site, nothing,
         [](const Call& /*call*/) -> Answer {
             return json_response({{"alive", true}});
         }},
        {"GET", "/readyz", any_site, nothing, [](const Call& call) -> Answer { return routes::ready(call.context); }},
        {"GET", "/openapi.json", any_site, lookups, [](const Call& /*call*/) -> Answer { return routes::openapi(); }},
        {"GET", "/v1/hosts/{address}", any_site, lookups,
         [](const Call& call) -> Answer { return routes::host(call.context, call.request, *call.address); }},
        {"GET", "/v1/hosts/{address}/evidence", any_site, lookups,
         [](const Call& call) -> Answer { return routes::evidence(call.context, *call.address); }},
        {"GET", "/v1/hosts/{address}/history", any_site, lookups,
         [](const Call& call) -> Answer { return routes::history(call.context, call.request, *call.address); }},
        {"GET", "/v1/hosts/{address}/why", any_site, lookups,
         [](const Call& call) -> Answer { return routes::why(call.context, *call.address); }},
        {"GET", "/v1/hosts/{address}/fix", any_site, lookups,
         [](const Call& call) -> Answer { return routes::fix(call.context, *call.address, call.target); }},
        {"GET", "/v1/hosts/{address}/receipt", any_site, lookups,
         [](const Call& call) -> Answer { return routes::receipt(call.context, *call.address, call.target); }},
        {"GET", "/v1/hosts/{address}/scans/{scan}", any_site, lookups,
         [](const Call& call) -> Answer {
             return routes::scan(call.context, call.request, *call.address, call.target);
         }},
        {"POST", "/v1/hosts/{address}/rescan", everybody, rescans,
         [](const Call& call) -> Answer { return routes::rescan(call.context, call.request, *call.address); }},
        {"POST", "/v1/selftest", everybody, rescans,
         [](const Call& call) -> Answer { return routes::self_test(call.context, call.request); }},
        {"POST", "/v1/lookup", any_site, lookups,
         [](const Call& call) -> Answer { return routes::lookup(call.context, call.request, call.state); }},
        {"POST", "/v1/reports", everybody, reports,
         [](const Call& call) -> Answer { return routes::report(call.context, call.request); }},
        {"GET", "/v1/receipts/key", any_site, lookups,
         [](const Call& call) -> Answer { return routes::receipt_key(call.context); }},
        {"GET", "/v1/criteria", any_site, lookups,
         [](const Call& call) -> Answer { return routes::criteria(call.context); }},
        {"GET", "/v1/statistics", any_site, lookups,
         [](const Call& call) -> Answer { return routes::statistics(call.context, call.state); }},
        {"GET", "/v1/zones", any_site, lookups, [](const Call& call) -> Answer { return routes::zones(call.context); }},
        {"GET", "/v1/notices", any_site, lookups,
         [](const Call& call) -> Answer { return routes::list_notices(call.context); }},
        {"GET", "/v1/problems", any_site, lookups,
         [](const Call& /*call*/) -> Answer { return routes::list_problem_types(); }},
        {"GET", "/v1/problems/{code}", any_site, lookups,
         [](const Call& call) -> Answer { return routes::problem_type(call.target.segments[2]); }},
        {"GET", "/v1/letters/opt-out/{token}", everybody, lookups,
         [](const Call& call) -> Answer {
             return routes::opt_out_by_link(call.context, call.request, call.target.segments[3]);
         }},
        {"POST", "/v1/letters/opt-out/{token}", everybody, lookups,
         [](const Call& call) -> Answer {
             return routes::opt_out_by_link(call.context, call.request, call.target.segments[3]);
         }},
        {"GET", "/v1/hosts/{address}/letter", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::preview_letter(call.context, *call.address, call.target); }},
        {"POST", "/v1/hosts/{address}/letter", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::send_letter(call.context, call.request, *call.address); }},
        {"GET", "/v1/letters", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::list_letters(call.context); }},
        {"POST", "/v1/letters/opt-outs", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::opt_out_by_operator(call.request); }},
        {"GET", "/v1/exclusions", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::list_exclusions(call.context); }},
        {"POST", "/v1/exclusions", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::add_exclusion(call.context, call.request); }},
        {"DELETE", "/v1/exclusions/{prefix}", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::remove_exclusion(call.context, call.target); }},
        {"POST", "/v1/exclusion-requests", everybody, rescans,
         [](const Call& call) -> Answer { return routes::ask_for_exclusion(call.context, call.request); }},
        {"GET", "/v1/exclusion-requests", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::list_exclusion_requests(call.context); }},
        {"GET", "/v1/exclusion-requests/{number}", everybody, lookups,
         [](const Call& call) -> Answer {
             return routes::show_exclusion_request(call.context, call.request, call.target.segments[2]);
         }},
        {"POST", "/v1/exclusion-requests/{number}/accept", the_operator, nothing,
         [](const Call& call) -> Answer {
             return routes::accept_exclusion_request(call.context, call.request, call.target.segments[2]);
         }},
        {"POST", "/v1/exclusion-requests/{number}/refuse", the_operator, nothing,
         [](const Call& call) -> Answer {
             return routes::refuse_exclusion_request(call.context, call.request, call.target.segments[2]);
         }},
        {"GET", "/v1/reporters", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::list_reporters(call.context); }},
        {"POST", "/v1/reporters", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::add_reporter(call.context, call.request); }},
        {"PATCH", "/v1/reporters/{name}", the_operator, nothing,
         [](const Call& call) -> Answer {
             return routes::change_reporter(call.context, call.request, call.target.segments[2]);
         }},
        {"DELETE", "/v1/reporters/{name}", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::revoke_reporter(call.target.segments[2]); }},
        {"GET", "/v1/purges", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::list_purges(call.context); }},
        {"POST", "/v1/purges", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::begin_purge(call.request); }},
        {"POST", "/v1/purges/preview", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::preview_purge(call.context, call.request); }},
        {"POST", "/v1/purges/{purge}/step", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::step_purge(call.target.segments[2]); }},
        {"POST", "/v1/shutdown", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::shut_down(call.request); }},
        {"POST", "/v1/resume", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::resume(call.request); }},
        {"POST", "/v1/manual", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::list_manually(call.context, call.request); }},
        {"POST", "/v1/manual/{address}/end", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::end_manual(call.request, *call.address); }},
        {"GET", "/v1/keys", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::list_keys(call.context); }},
        {"POST", "/v1/keys", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::add_key(call.context, call.request); }},
        {"DELETE", "/v1/keys/{name}", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::revoke_key(call.target.segments[2]); }},
        {"GET", "/v1/mirrors", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::list_mirrors(call.context); }},
        {"POST", "/v1/mirrors", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::add_mirror(call.context, call.request); }},
        {"GET", "/v1/mirrors/lag", any_site, lookups,
         [](const Call& call) -> Answer { return routes::mirror_lag(call.context, call.request); }},
        {"GET", "/v1/mirrors/{name}", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::show_mirror(call.context, call.target.segments[2]); }},
        {"DELETE", "/v1/mirrors/{name}", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::remove_mirror(call.context, call.target.segments[2]); }},
        {"GET", "/v1/serials/{serial}", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::serial_age(call.context, call.target); }},
        {"GET", "/v1/status", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::status(call.context); }},
        {"GET", "/v1/dns/statistics", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::dns_statistics(call.context); }},
        {"GET", "/metrics", the_operator, nothing,
         [](const Call& call) -> Answer { return routes::metrics(call.context); }},
    };
    return all;
}

std::optional<std::size_t> address_place(std::string_view path) {
    for (std::size_t place = 0; !path.empty(); ++place) {
        if (next_segment(path) == address_parameter) return place;
    }
    return std::nullopt;
}

bool fits(const Route& route, const RequestTarget& target) {
    auto path = route.path;
    for (std::size_t i = 0; i < target.segments.size(); ++i) {
        if (path.empty()) return false;
        const auto segment = next_segment(path);
        if (segment == "{prefix}") return true; // with its slash, or without
        if (!segment.starts_with('{') && segment != target.segments[i]) return false;
    }
    return path.empty();
}

} // namespace provenbl::tools::api
