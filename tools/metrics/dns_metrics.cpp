// What the responder counted, and how mirrors stand.
#include "tools/metrics/metrics.hpp"

#include <algorithm>
#include <array>

namespace provenbl::tools::metrics {
namespace json = boost::json;
namespace {

double number(std::uint64_t value) {
    return static_cast<double>(value);
}

// Powers of two nanoseconds, where the responder's own buckets end, so that nothing is estimated: 2 µs to 8.6 s.
constexpr unsigned first_power = 11;
constexpr unsigned last_power = 33;

Distribution latency_of(const dnsbl::watch::LatencySum& latency) {
    std::vector<double> bounds;
    for (unsigned power = first_power; power <= last_power; ++power) bounds.push_back(number(1ULL << power) / 1e9);
    Distribution all{bounds};
    std::uint64_t begin = 0;
    for (std::size_t bucket = 0; bucket < latency.counts.size(); ++bucket) {
        const auto end = dnsbl::watch::latency::end_of(bucket);
        const auto count = latency.counts[bucket];
        if (count > 0) {
            const auto place = std::lower_bound(bounds.begin(), bounds.end(), number(end) / 1e9) - bounds.begin();
            all.counts[static_cast<std::size_t>(place)] += count;
            all.sum += number(count) * (number(begin) + number(end)) / 2e9;
        }
        begin = end;
    }
    return all;
}

template <std::size_t N>
void tell_named(Page& page, std::string_view name, std::string_view zone, const std::array<std::string_view, N>& names,
                const std::array<std::uint64_t, N>& counts) {
    for (std::size_t i = 0; i < N; ++i)
        if (counts[i] != 0) page.set(name, {zone, names[i]}, number(counts[i]));
}

// A number, or a truth as 0 or 1; anything else is not told.
void tell_member(Page& page, std::string_view name, std::initializer_list<std::string_view> labels,
                 const json::object& of, std::string_view member) {
    const auto* const value = of.if_contains({member.data(), member.size()});
    if (value == nullptr) return;
    json::error_code failed;
    if (value->is_bool()) page.set(name, labels, value->get_bool() ? 1 : 0);
    if (value->is_number()) page.set(name, labels, value->to_number<double>(failed));
}

const json::object& group(const json::object& of, std::string_view member) {
    static const json::object none;
    const auto* const value = of.if_contains({member.data(), member.size()});
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

std::string_view view(json::string_view text) {
    return {text.data(), text.size()};
}

void tell_transfers(Page& page, const json::object& transfers) {
    for (const auto& one : group(transfers, "served")) {
        if (!one.value().is_object()) continue;
        const auto& sum = one.value().get_object();
        const auto mirror = view(one.key());
        tell_member(page, "provenbl_transfers_total", {mirror, "whole"}, sum, "whole");
        tell_member(page, "provenbl_transfers_total", {mirror, "difference"}, sum, "differences");
        tell_member(page, "provenbl_transfers_total", {mirror, "broken"}, sum, "broken");
        tell_member(page, "provenbl_transfer_bytes_total", {mirror}, sum, "octets");
    }
    const auto& refused = group(transfers, "refused");
    for (const auto& one : refused)
        tell_member(page, "provenbl_transfers_refused_total", {view(one.key())}, refused, view(one.key()));
    const auto& notify = group(transfers, "notify");
    for (const auto* outcome : {"sent", "again", "acknowledged", "unanswered"})
        tell_member(page, "provenbl_notify_total", {outcome}, notify, outcome);
}

} // namespace

void tell_dns(Page& page, const dnsbl::ServerStatistics& statistics) {
    page.set("provenbl_dns_queries_total", {"udp"}, number(statistics.udp_queries));
    page.set("provenbl_dns_queries_total", {"tcp"}, number(statistics.tcp_queries));
    for (const auto& zone : statistics.zones) {
        const std::string_view apex = zone.apex.empty() ? std::string_view{"none"} : std::string_view{zone.apex};
        // These are what people look at first: there from the beginning.
        const std::array always{dnsbl::watch::AnswerKind::listed, dnsbl::watch::AnswerKind::nxdomain};
        for (const auto kind : always)
            if (zone.answers.of(kind) == 0)
                page.set("provenbl_dns_answers_total",
                         {apex, dnsbl::watch::result_names[static_cast<std::size_t>(kind)]}, 0);
        tell_named(page, "provenbl_dns_answers_total", apex, dnsbl::watch::result_names, zone.answers.results);
        tell_named(page, "provenbl_dns_questions_total", apex, dnsbl::watch::type_names, zone.answers.types);
    }
    page.set("provenbl_dns_truncated_total", number(statistics.truncated));
    for (std::size_t i = 0; i < statistics.drops.size(); ++i)
        if (!dnsbl::drop_names[i].empty())
            page.set("provenbl_dns_dropped_total", {dnsbl::drop_names[i]}, number(statistics.drops[i]));
    page.set("provenbl_dns_answer_duration_seconds", {"udp"}, latency_of(statistics.udp_latency));
    page.set("provenbl_dns_answer_duration_seconds", {"tcp"}, latency_of(statistics.tcp_latency));
    if (const auto& tls = statistics.tls) {
        page.set("provenbl_dns_tls_handshakes_total", {"done"}, number(tls->handshakes));
        page.set("provenbl_dns_tls_handshakes_total", {"failed"}, number(tls->failed));
        page.set("provenbl_dns_tls_expiry_timestamp_seconds",
                 std::chrono::duration<double>(tls->expires.time_since_epoch()).count());
    }
    if (const auto& log = statistics.query_log) {
        page.set("provenbl_query_log_lines_total", {"written"}, number(log->written));
        page.set("provenbl_query_log_lines_total", {"dropped"}, number(log->dropped));
    }
    if (const auto& tap = statistics.dnstap) {
        page.set("provenbl_dnstap_connected", tap->connected ? 1 : 0);
        page.set("provenbl_dnstap_messages_total", {"written"}, number(tap->written));
        page.set("provenbl_dnstap_messages_total", {"dropped"}, number(tap->dropped));
    }
    for (const auto& zone : statistics.static_zones) {
        page.set("provenbl_static_zone_entries", {zone.apex}, number(zone.entries));
        page.set("provenbl_static_zone_bad_lines", {zone.apex}, number(zone.bad_lines));
        page.set("provenbl_static_zone_trouble", {zone.apex}, zone.trouble.empty() ? 0 : 1);
    }
}

void tell_mirrors(Page& page, const json::object& services) {
    for (const auto& one : group(services, "mirrors")) {
        if (!one.value().is_object()) continue;
        const auto& mirror = one.value().get_object();
        const auto name = view(one.key());
        for (const auto& zone : group(mirror, "zones")) {
            if (!zone.value().is_object()) continue;
            const auto& lag = zone.value().get_object();
            tell_member(page, "provenbl_mirror_lag_serials", {name, view(zone.key())}, lag, "serials_behind");
            tell_member(page, "provenbl_mirror_lag_seconds", {name, view(zone.key())}, lag, "seconds_behind");
        }
        tell_member(page, "provenbl_mirror_ahead", {name}, mirror, "ahead");
        tell_member(page, "provenbl_mirror_answering", {name}, mirror, "answering");
    }
    tell_transfers(page, group(services, "transfers"));
}

} // namespace provenbl::tools::metrics
