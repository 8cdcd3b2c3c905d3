#include "zones/static/range_layout.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <queue>

namespace provenbl::zones::statics {
namespace {

constexpr std::size_t level_count = 129;

// What is open at the place that has been reached.
class Open {
public:
    void begin(std::uint8_t level, Ref value) {
        ++levels_[level][value];
        top_ = std::max<int>(top_, level);
    }
    void end(std::uint8_t level, Ref value) {
        auto& values = levels_[level];
        const auto found = values.find(value);
        if (--found->second == 0) values.erase(found);
        while (top_ >= 0 && levels_[static_cast<std::size_t>(top_)].empty()) --top_;
    }
    [[nodiscard]] Ref holds(ValueMaker& values) const {
        if (top_ < 0) return nothing;
        const auto& here = levels_[static_cast<std::size_t>(top_)];
        if (here.begin()->first == nothing) return nothing; // excluded
        if (here.size() == 1) return here.begin()->first;
        std::vector<Ref> all;
        for (const auto& [value, count] : here) {
            if (all.size() < ValueMaker::most_at_one_place) all.push_back(value);
        }
        return values.list(all);
    }

private:
    std::array<std::map<Ref, std::size_t>, level_count> levels_; // how often each value is open
    int top_ = -1;
};

template <class Key> void keep_first(std::vector<Range<Key>>& ranges, std::size_t& repeated) {
    const auto same = [](const Range<Key>& a, const Range<Key>& b) {
        return a.first == b.first && a.last == b.last && a.level == b.level;
    };
    const auto end = std::unique(ranges.begin(), ranges.end(), same);
    repeated = static_cast<std::size_t>(ranges.end() - end);
    ranges.erase(end, ranges.end());
}

} // namespace

template <class Key> RangeMap<Key> lay_out(std::vector<Range<Key>> ranges, ValueMaker& values, std::size_t* repeated) {
    std::stable_sort(ranges.begin(), ranges.end(), [](const Range<Key>& a, const Range<Key>& b) {
        if (a.first != b.first) return a.first < b.first;
        return a.level < b.level;
    });
    if (repeated != nullptr) keep_first(ranges, *repeated);

    const auto ends_later = [&](std::size_t a, std::size_t b) { return ranges[a].last > ranges[b].last; };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(ends_later)> ends(ends_later);
    RangeMap<Key> map;
    Open open;
    std::size_t next = 0;
    while (next < ranges.size() || !ends.empty()) {
        if (values.too_many()) return map; // whoever asked for it looks at that
        Key at{};
        if (next < ranges.size() && (ends.empty() || ranges[next].first <= ranges[ends.top()].last)) {
            at = ranges[next].first;
        } else {
            const auto last = ranges[ends.top()].last;
            while (!ends.empty() && ranges[ends.top()].last == last) {
                open.end(ranges[ends.top()].level, ranges[ends.top()].value);
                ends.pop();
            }
            if (last == static_cast<Key>(~Key{0})) break; // nothing is behind the last address
            at = last + 1;
        }
        for (; next < ranges.size() && ranges[next].first == at; ++next) {
            open.begin(ranges[next].level, ranges[next].value);
            ends.push(next);
        }
        map.append(at, open.holds(values));
    }
    map.shrink();
    return map;
}

template RangeMap<Key4> lay_out(std::vector<Range<Key4>>, ValueMaker&, std::size_t*);
template RangeMap<Key6> lay_out(std::vector<Range<Key6>>, ValueMaker&, std::size_t*);

} // namespace provenbl::zones::statics
