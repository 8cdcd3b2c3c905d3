#include "tools/api/dns_statistics.hpp"

#include "tools/api/describe.hpp"

#include <span>
#include <string_view>

namespace provenbl::tools::api {
namespace json = boost::json;
namespace {

json::object named(std::span<const std::string_view> names, std::span<const std::uint64_t> counts) {
    json::object object;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (counts[i] != 0) object[names[i]] = counts[i];
    }
    return object;
}

json::object describe(const dnsbl::AnswerCounts& answers) {
    return {{"answers", answers.total()},
            {"results", named(dnsbl::watch::result_names, answers.results)},
            {"types", named(dnsbl::watch::type_names, answers.types)}};
}

json::object describe(const dnsbl::watch::LatencySum& latency) {
    json::array buckets;
    for (std::size_t i = 0; i < latency.counts.size(); ++i) {
        if (latency.counts[i] != 0)
            buckets.emplace_back(
                json::object{{"below_ns", dnsbl::watch::latency::end_of(i)}, {"count", latency.counts[i]}});
    }
    return {{"count", latency.total()},       {"p50_ns", latency.within(0.5)},    {"p90_ns", latency.within(0.9)},
            {"p99_ns", latency.within(0.99)}, {"p999_ns", latency.within(0.999)}, {"max_ns", latency.within(1)},
            {"buckets", std::move(buckets)}};
}

json::object describe(const dnsbl::MirrorStatistics& mirror) {
    json::object object{{"name", mirror.name},         {"address", mirror.address.to_string()},
                        {"zones", mirror.zones},       {"answered_zones", mirror.answered_zones},
                        {"messages", mirror.messages}, {"failures", mirror.failures},
                        {"rcode", mirror.rcode}};
    object["notified"] = mirror.notified ? json::value(*mirror.notified) : json::value();
    object["sent"] = api::describe(mirror.sent);
    object["answered_at"] = api::describe(mirror.answered_at);
    return object;
}

json::object describe(const zones::statics::ZoneState& state) {
    json::object object{{"apex", state.apex},           {"entries", state.entries},
                        {"serial", state.serial},       {"taken_in", to_string(state.taken_in)},
                        {"bad_lines", state.bad_lines}, {"notes", state.notes},
                        {"trouble", state.trouble}};
    if (state.expires != Time{}) object["expires"] = to_string(state.expires);
    return object;
}

} // namespace

json::object describe(const dnsbl::TransferStatistics& of) {
    json::object served;
    for (const auto& sum : of.served)
        served[sum.mirror] = json::object{{"whole", sum.whole},
                                          {"differences", sum.differences},
                                          {"broken", sum.broken},
                                          {"octets", sum.octets},
                                          {"records", sum.records},
                                          {"messages", sum.messages},
                                          {"seconds", static_cast<double>(sum.took.count()) / 1000},
                                          {"last", api::describe(sum.last)}};
    json::object object;
    object["served"] = std::move(served);
    object["refused"] = named(dnsbl::refusal_names, of.refused);
    object["notify"] = json::object{{"sent", of.notified},
                                    {"again", of.notify_again},
                                    {"acknowledged", of.acknowledged},
                                    {"unanswered", of.unanswered}};
    return object;
}

json::object describe(const dnsbl::ServerStatistics& of) {
    json::object object{{"udp_queries", of.udp_queries}, {"tcp_queries", of.tcp_queries}, {"noerror", of.noerror},
                        {"nxdomain", of.nxdomain},       {"refused", of.refused},         {"formerr", of.formerr},
                        {"listed", of.listed},           {"truncated", of.truncated},     {"dropped", of.dropped}};
    object["results"] = named(dnsbl::watch::result_names, of.answers.results);
    object["types"] = named(dnsbl::watch::type_names, of.answers.types);
    object["drops"] = named(dnsbl::drop_names, of.drops);
    auto& zones = object["zones"].emplace_array();
    for (const auto& zone : of.zones) {
        auto described = describe(zone.answers);
        if (zone.apex.empty()) {
            object["elsewhere"] = std::move(described);
        } else {
            described["apex"] = zone.apex;
            zones.emplace_back(std::move(described));
        }
    }
    if (!of.static_zones.empty()) {
        auto& described = object["static_zones"].emplace_array();
        for (const auto& state : of.static_zones) described.emplace_back(describe(state));
    }
    if (of.query_log)
        object["query_log"] = json::object{{"written", of.query_log->written}, {"dropped", of.query_log->dropped}};
    if (of.dnstap)
        object["dnstap"] = json::object{
            {"connected", of.dnstap->connected}, {"written", of.dnstap->written}, {"dropped", of.dnstap->dropped}};
    if (!of.mirrors.empty()) {
        auto& mirrors = object["mirrors"].emplace_array();
        for (const auto& mirror : of.mirrors) mirrors.emplace_back(describe(mirror));
    }
    if (of.tls) {
        auto& tls = object["tls"].emplace_object();
        tls["handshakes"] = of.tls->handshakes;
        tls["failed"] = of.tls->failed;
        tls["expires"] = api::describe(of.tls->expires);
        tls["loaded"] = api::describe(of.tls->loaded);
        tls["trouble"] = of.tls->trouble;
    }
    object["transfers"] = describe(of.transfers);
    object["latency"] = json::object{{"udp", describe(of.udp_latency)}, {"tcp", describe(of.tcp_latency)}};
    return object;
}

} // namespace provenbl::tools::api
