#include "dnsbl/watch/recorder.hpp"

namespace provenbl::dnsbl::watch {

Recorder::Recorder(Transport transport, std::size_t zones)
    : transport_(transport), zones_(zones), cells_(std::make_unique<Counter[]>((zones + 1) * row)) {}

void Recorder::add_to(ServerStatistics& sum) const {
    std::uint64_t messages = 0;
    for (std::size_t zone = 0; zone <= zones_; ++zone) {
        auto& answers = sum.zones.at(zone).answers;
        for (std::size_t type = 0; type < type_names.size(); ++type) {
            for (std::size_t result = 0; result < result_names.size(); ++result) {
                const auto count = cells_[zone * row + type * result_names.size() + result].get();
                messages += count;
                for (auto* into : {&answers, &sum.answers}) {
                    into->types[type] += count;
                    into->results[result] += count;
                }
            }
        }
    }
    for (std::size_t reason = 0; reason < drops_.size(); ++reason) {
        const auto count = drops_[reason].get();
        messages += count;
        sum.drops[reason] += count;
        sum.dropped += count;
    }
    sum.truncated += truncated_.get();
    (transport_ == Transport::udp ? sum.udp_queries : sum.tcp_queries) += messages;
    latency_.add_to(transport_ == Transport::udp ? sum.udp_latency : sum.tcp_latency);
}

} // namespace provenbl::dnsbl::watch
