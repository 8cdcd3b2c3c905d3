#include "tools/pages/tally.hpp"

#include <algorithm>

namespace provenbl::tools::pages {

DayCount* Tally::day_of(Time at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    // The journal is in order, but for a clock that was set back: then the entry counts on the newest day that fits.
    auto place = std::lower_bound(days_.begin(), days_.end(), day,
                                  [](const DayCount& one, std::chrono::sys_days of) { return one.day < of; });
    if (place == days_.end() || place->day != day) {
        if (days_.size() == kept_days) {
            if (place == days_.begin()) return nullptr; // older than what is kept
            days_.pop_front();
            place = std::lower_bound(days_.begin(), days_.end(), day,
                                     [](const DayCount& one, std::chrono::sys_days of) { return one.day < of; });
        }
        place = days_.insert(place, DayCount{day, 0, 0});
    }
    return &*place;
}

void Tally::add_to_history(const Change& change, Time opened) {
    const bool came = change.before.empty() && !change.after.empty();
    const bool went = !change.before.empty() && change.after.empty();
    if (!came && !went) return;
    if (auto* const day = day_of(change.at)) ++(came ? day->listed : day->delisted);
    if (!went) return;
    ++ended_[static_cast<std::size_t>(change.reason) % reasons];
    if (change.actor == "owner") ++at_request_;
    if (opened == Time{}) return;
    const auto span = change.at - opened;
    const auto place = std::find_if(spans.begin(), spans.end(), [span](Duration less) { return span < less; });
    ++lasted_[static_cast<std::size_t>(place - spans.begin())];
}

void Tally::add_to_standing(const Change& change) {
    auto& before = by_classes_[change.before.bits() % class_sets];
    if (!change.before.empty() && before > 0) --before;
    if (!change.after.empty()) ++by_classes_[change.after.bits() % class_sets];
}

std::uint64_t Tally::listed_in(ClassSet classes) const {
    std::uint64_t sum = 0;
    for (std::size_t bits = 1; bits < class_sets; ++bits) {
        if ((bits & classes.bits()) != 0) sum += by_classes_[bits];
    }
    return sum;
}

std::deque<DayCount> Tally::days(std::chrono::sys_days today, std::size_t most) const {
    std::deque<DayCount> all;
    if (days_.empty() || most == 0) return all;
    const auto first = std::max(days_.front().day, today - std::chrono::days{static_cast<std::int64_t>(most) - 1});
    auto known = days_.begin();
    for (auto day = first; day <= today; day += std::chrono::days{1}) {
        while (known != days_.end() && known->day < day) ++known;
        all.push_back(known != days_.end() && known->day == day ? *known : DayCount{day, 0, 0});
    }
    return all;
}

} // namespace provenbl::tools::pages
