#include "dnsbl/watch/watch.hpp"

namespace provenbl::dnsbl::watch {

Watch::Watch(std::span<const zones::Zone> zones, const WatchSettings& settings, std::uint64_t seed) {
    std::vector<std::vector<std::uint8_t>> wires;
    for (const auto& zone : zones) {
        apexes_.push_back(zone.apex().to_string());
        wires.emplace_back(zone.apex().wire().begin(), zone.apex().wire().end());
    }
    if (settings.query_log.enabled()) log_.emplace(settings.query_log, apexes_, seed);
    if (settings.dnstap.enabled()) tap_.emplace(settings.dnstap, std::move(wires), seed);
}

Recorder& Watch::add_recorder(Transport transport) {
    auto& recorder = recorders_.emplace_back(transport, apexes_.size());
    if (log_) recorder.show_to(log_->add_lane());
    if (tap_) recorder.show_to(tap_->add_lane());
    return recorder;
}

void Watch::start() {
    if (log_) log_->start();
    if (tap_) tap_->start();
}

void Watch::stop() {
    if (log_) log_->stop();
    if (tap_) tap_->stop();
}

ServerStatistics Watch::statistics() const {
    ServerStatistics sum;
    for (const auto& apex : apexes_) sum.zones.push_back({apex, {}});
    sum.zones.emplace_back();
    for (const auto& recorder : recorders_) recorder.add_to(sum);
    sum.listed = sum.answers.of(AnswerKind::listed);
    sum.noerror = sum.answers.of(AnswerKind::noerror) + sum.listed;
    sum.nxdomain = sum.answers.of(AnswerKind::nxdomain);
    sum.refused = sum.answers.of(AnswerKind::refused);
    sum.formerr = sum.answers.of(AnswerKind::formerr);
    if (log_) sum.query_log = QueryLogStatistics{log_->written(), log_->dropped()};
    if (tap_) sum.dnstap = DnstapStatistics{tap_->connected(), tap_->written(), tap_->dropped()};
    return sum;
}

} // namespace provenbl::dnsbl::watch
