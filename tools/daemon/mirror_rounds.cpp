#include "tools/daemon/mirror_rounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace provenbl::tools {
namespace {

std::int64_t seconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

} // namespace

std::size_t MirrorRounds::set_targets(const std::vector<MirrorTarget>& targets, Time now) {
    std::map<MirrorTarget, Entry> kept;
    std::size_t left_out = 0;
    for (const auto& target : targets) {
        if (kept.count(target) > 0) continue; // named twice
        if (kept.size() >= most_targets) {
            ++left_out;
            continue;
        }
        const auto before = entries_.find(target);
        auto& entry = kept[target];
        if (before != entries_.end()) {
            entry = std::move(before->second);
            continue;
        }
        entry.lag.mirror = target.mirror;
        entry.lag.address = target.address;
        entry.lag.zone = target.zone;
        entry.next = now;
    }
    entries_ = std::move(kept);
    out_.clear();
    std::map<std::pair<std::string, Endpoint>, bool> alerts;
    for (const auto& [target, entry] : entries_) {
        if (entry.tries > 0) out_.emplace(std::pair(target.address, entry.id), target);
        const auto place = std::pair(target.mirror, target.address);
        const auto before = alerts_.find(place);
        alerts.emplace(place, before != alerts_.end() && before->second);
    }
    alerts_ = std::move(alerts);
    return left_out;
}

std::vector<MirrorTarget> MirrorRounds::due(Time now) {
    std::vector<MirrorTarget> all;
    std::vector<std::pair<Time, const MirrorTarget*>> fresh;
    for (auto& [target, entry] : entries_) {
        // Further ahead than we ever wait: the clock went back.
        if (now < entry.next && entry.next - now <= 2 * settings_.interval + patience) continue;
        if (entry.tries >= tries) {
            fail(target, entry, fmt::format("no answer to {} questions", tries), now);
            continue;
        }
        if (entry.tries == 0)
            fresh.emplace_back(entry.next, &target);
        else
            all.push_back(target);
    }
    // Who has waited longest comes first, so that whoever is far down the alphabet has his turn as well.
    const auto room = std::min(most_out - std::min(out_.size(), most_out), fresh.size());
    std::partial_sort(
        fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(room), fresh.end(),
        [](const auto& a, const auto& b) { return std::tie(a.first, *a.second) < std::tie(b.first, *b.second); });
    for (std::size_t i = 0; i < room; ++i) all.push_back(*fresh[i].second);
    return all;
}

void MirrorRounds::asked(const MirrorTarget& target, std::uint16_t id, std::uint32_t jitter, Time now) {
    const auto found = entries_.find(target);
    if (found == entries_.end()) return;
    auto& entry = found->second;
    if (entry.tries > 0) take_back(target, entry);
    if (entry.tries == 0) {
        entry.lag.asked = now;
        // From three quarters of the interval to five.
        const auto half = std::max<Duration::rep>(settings_.interval.count() / 2, 1);
        entry.pause = settings_.interval - Duration{half / 2} + Duration{static_cast<Duration::rep>(jitter) % half};
    }
    entry.id = id;
    out_.emplace(std::pair(target.address, id), target);
    ++entry.tries;
    entry.next = now + patience;
}

std::vector<MirrorTarget> MirrorRounds::outstanding(const Endpoint& address, std::uint16_t id) const {
    std::vector<MirrorTarget> all;
    const auto [first, last] = out_.equal_range(std::pair(address, id));
    for (auto one = first; one != last; ++one) all.push_back(one->second);
    return all;
}

void MirrorRounds::take_back(const MirrorTarget& target, const Entry& entry) {
    const auto [first, last] = out_.equal_range(std::pair(target.address, entry.id));
    const auto found = std::find_if(first, last, [&](const auto& one) { return one.second == target; });
    if (found != last) out_.erase(found);
}

void MirrorRounds::answered(const MirrorTarget& target, std::uint32_t serial, const api::SerialAge& age, Time now) {
    const auto found = entries_.find(target);
    if (found == entries_.end() || found->second.tries == 0) return;
    auto& entry = found->second;
    take_back(target, entry);
    entry.tries = 0;
    entry.next = now + entry.pause;
    auto& lag = entry.lag;
    lag.serial = serial;
    lag.answered = now;
    lag.behind = age.behind;
    lag.age = age.age;
    lag.at_least = age.at_least;
    lag.ahead = age.ahead;
    lag.silent_since = Time{};
    lag.trouble = age.ahead ? "a serial that we never had" : "";
    if (!age.ahead)
        entry.bad_since = Time{};
    else if (entry.bad_since == Time{})
        entry.bad_since = now;
}

void MirrorRounds::refused(const MirrorTarget& target, const std::string& why, Time now) {
    const auto found = entries_.find(target);
    if (found != entries_.end() && found->second.tries > 0) fail(found->first, found->second, why, now);
}

void MirrorRounds::fail(const MirrorTarget& target, Entry& entry, const std::string& why, Time now) {
    take_back(target, entry);
    entry.tries = 0;
    entry.next = now + entry.pause;
    entry.lag.trouble = why;
    if (entry.lag.silent_since == Time{}) entry.lag.silent_since = entry.lag.asked;
    if (entry.bad_since == Time{}) entry.bad_since = entry.lag.silent_since;
}

Duration MirrorRounds::trouble_for(const Entry& entry, Time now) const {
    if (entry.bad_since != Time{}) return now - entry.bad_since;
    return entry.lag.age;
}

std::vector<MirrorRounds::Line> MirrorRounds::lines(Time now) {
    std::map<std::pair<std::string, Endpoint>, const Entry*> worst;
    for (const auto& [target, entry] : entries_) {
        auto& known = worst[{target.mirror, target.address}];
        if (known == nullptr || trouble_for(*known, now) < trouble_for(entry, now)) known = &entry;
    }
    std::vector<Line> all;
    for (const auto& [place, entry] : worst) {
        const auto& lag = entry->lag;
        const auto trouble = trouble_for(*entry, now);
        auto& alert = alerts_[place];
        const auto who = fmt::format("the mirror {} ({})", place.first, place.second.to_string());
        if (!alert && trouble > settings_.alert_after) {
            alert = true;
            const auto what =
                !lag.answering()
                    ? fmt::format("has told no serial of {} for {} s: {}", lag.zone, seconds(trouble), lag.trouble)
                : lag.ahead ? fmt::format("has had a serial of {} that we never had for {} s: transfer the zone anew "
                                          "there",
                                          lag.zone, seconds(trouble))
                            : fmt::format("is {} changes behind in {}, the first of them {}{} s old", lag.behind,
                                          lag.zone, lag.at_least ? "more than " : "", seconds(lag.age));
            all.push_back({true, fmt::format("{} {}", who, what)});
        } else if (alert && entry->bad_since == Time{} && trouble <= settings_.alert_after / 2) {
            alert = false;
            all.push_back({false, fmt::format("{} is back: {}", who,
                                              lag.behind == 0 ? "it has what we have"
                                                              : fmt::format("{} changes behind", lag.behind))});
        }
    }
    for (auto& [target, entry] : entries_) entry.lag.alert = alerts_[{target.mirror, target.address}];
    return all;
}

std::vector<api::MirrorLag> MirrorRounds::lags() const {
    std::vector<api::MirrorLag> all;
    all.reserve(entries_.size());
    for (const auto& [target, entry] : entries_) all.push_back(entry.lag);
    return all;
}

} // namespace provenbl::tools
