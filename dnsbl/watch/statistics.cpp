#include "dnsbl/watch/statistics.hpp"

#include <algorithm>

namespace provenbl::dnsbl {
namespace {

template <std::size_t Size> void add(std::array<std::uint64_t, Size>& to, const std::array<std::uint64_t, Size>& past) {
    for (std::size_t i = 0; i < Size; ++i) to[i] += past[i];
}

void add(AnswerCounts& to, const AnswerCounts& past) {
    add(to.types, past.types);
    add(to.results, past.results);
}

} // namespace

void add_past(ServerStatistics& to, const ServerStatistics& past) {
    for (const auto count : {&ServerStatistics::udp_queries, &ServerStatistics::tcp_queries, &ServerStatistics::noerror,
                             &ServerStatistics::nxdomain, &ServerStatistics::refused, &ServerStatistics::formerr,
                             &ServerStatistics::listed, &ServerStatistics::truncated, &ServerStatistics::dropped})
        to.*count += past.*count;
    add(to.drops, past.drops);
    add(to.answers, past.answers);
    add(to.udp_latency.counts, past.udp_latency.counts);
    add(to.tcp_latency.counts, past.tcp_latency.counts);
    for (const auto& zone : past.zones) {
        const auto same =
            std::find_if(to.zones.begin(), to.zones.end(), [&](const auto& other) { return other.apex == zone.apex; });
        if (same != to.zones.end()) add(same->answers, zone.answers);
    }
    if (to.query_log && past.query_log) {
        to.query_log->written += past.query_log->written;
        to.query_log->dropped += past.query_log->dropped;
    }
    if (to.dnstap && past.dnstap) {
        to.dnstap->written += past.dnstap->written;
        to.dnstap->dropped += past.dnstap->dropped;
    }
}

} // namespace provenbl::dnsbl
