#include "dnsbl/watch/watch.hpp"

namespace provenbl::dnsbl::watch {

Watch::Watch(std::span<const zones::Zone> zones) {
    for (const auto& zone : zones) apexes_.push_back(zone.apex().to_string());
}

Recorder& Watch::add_recorder(Transport transport) {
    return recorders_.emplace_back(transport, apexes_.size());
}

ServerStatistics Watch::statistics() const {
    ServerStatistics sum;
    for (const auto& apex : apexes_) sum.zones.push_back({apex, {}});
    sum.zones.emplace_back();
    for (const auto& recorder : recorders_) recorder.add_to(sum);
    sum.listed = sum.answers.of(Result::listed);
    sum.noerror = sum.answers.of(Result::noerror) + sum.listed;
    sum.nxdomain = sum.answers.of(Result::nxdomain);
    sum.refused = sum.answers.of(Result::refused);
    sum.formerr = sum.answers.of(Result::formerr);
    return sum;
}

} // namespace provenbl::dnsbl::watch
