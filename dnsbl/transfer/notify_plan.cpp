#include "dnsbl/transfer/notify_plan.hpp"

#include <algorithm>

namespace provenbl::dnsbl::transfer {

void NotifyPlan::set_targets(const std::vector<NotifyTarget>& targets) {
    std::map<NotifyTarget, Entry> kept;
    for (const auto& target : targets) {
        const auto before = entries_.find(target);
        kept.emplace(target, before == entries_.end() ? Entry{} : std::move(before->second));
    }
    entries_ = std::move(kept);
}

std::vector<NotifyTarget> NotifyPlan::due(const NotifySerials& serials, Time now) {
    std::vector<NotifyTarget> all;
    for (auto& [target, entry] : entries_) {
        if (entry.tries == 0 && entry.state.answered == serials.of(target)) continue;
        // Further ahead than we ever wait: the clock went back.
        if (now < entry.next && entry.next - now <= std::max(interval_, notify_silent_pause)) continue;
        if (entry.tries >= notify_tries || (entry.silent && entry.tries > 0)) {
            ++entry.state.failures;
            ++counts_.given_up;
            entry.tries = 0;
            entry.silent = true;
            entry.next = now + notify_silent_pause;
            continue;
        }
        all.push_back(target);
    }
    return all;
}

void NotifyPlan::sent(const NotifyTarget& target, std::uint32_t serial, std::uint16_t id, const wire::Mac& mac,
                      Time now) {
    const auto found = entries_.find(target);
    if (found == entries_.end()) return;
    auto& entry = found->second;
    entry.state.notified = serial;
    entry.state.sent = now;
    ++entry.state.messages;
    ++counts_.sent;
    if (entry.tries > 0) ++counts_.again;
    entry.id = id;
    entry.mac = mac;
    entry.next = now + notify_first_pause * (1U << entry.tries);
    ++entry.tries;
}

const wire::Mac* NotifyPlan::outstanding(const NotifyTarget& target, std::uint16_t id) const {
    const auto found = entries_.find(target);
    if (found == entries_.end() || found->second.tries == 0 || found->second.id != id) return nullptr;
    return &found->second.mac;
}

void NotifyPlan::answered(const NotifyTarget& target, std::uint8_t rcode, Time now) {
    const auto found = entries_.find(target);
    if (found == entries_.end() || found->second.tries == 0) return;
    auto& entry = found->second;
    entry.state.answered = entry.state.notified;
    ++counts_.answered;
    entry.state.answered_at = now;
    entry.state.rcode = rcode;
    entry.state.failures = 0;
    entry.tries = 0;
    entry.silent = false;
    entry.next = entry.state.sent + interval_;
}

std::optional<Time> NotifyPlan::next(const NotifySerials& serials) const {
    std::optional<Time> soonest;
    for (const auto& [target, entry] : entries_) {
        if (entry.tries == 0 && entry.state.answered == serials.of(target)) continue;
        if (!soonest || entry.next < *soonest) soonest = entry.next;
    }
    return soonest;
}

std::map<NotifyTarget, NotifyState> NotifyPlan::states() const {
    std::map<NotifyTarget, NotifyState> all;
    for (const auto& [target, entry] : entries_) all.emplace(target, entry.state);
    return all;
}

} // namespace provenbl::dnsbl::transfer
