// What is on the list and what came and went, in numbers and plots that are drawn here. Pure.
#pragma once

#include "tools/origins/origins.hpp"
#include "tools/pages/page.hpp"
#include "tools/pages/tally.hpp"

#include <optional>

namespace provenbl::tools::pages {

struct StatisticsView {
    std::optional<Tally> tally; // absent: not counted yet, or not by this process
    std::uint64_t position = 0; // in the journal, up to which it was counted
    std::uint64_t last = 0;     // its end
    Time now{};
    std::optional<origins::Origins> origins; // absent: not counted, or not yet
    std::string credit;                      // whose data of countries and networks they are
};

[[nodiscard]] Page statistics_page(const Site& site, const Configuration& configuration, const StatisticsView& view);

// Bars up for what was listed, down for what was delisted, one pair a day; as SVG with its meaning in words.
[[nodiscard]] Html plot(const std::deque<DayCount>& days);

} // namespace provenbl::tools::pages
