#include "tools/pages/statistics_page.hpp"

#include "tools/api/span_text.hpp"
#include "tools/pages/criteria_page.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::pages {
namespace {

Html numbered(std::uint64_t number) {
    return Html{number};
}

Html standing(const Configuration& configuration, const Tally& tally) {
    Html part = element("h2", {{"id", "listed"}}, "Listed now");
    std::vector<std::vector<Html>> classes;
    for (const auto cls : all_listing_classes)
        classes.push_back({to_string(cls), meaning(cls), numbered(tally.listed_in(ClassSet{cls}))});
    part +=
        tag("p", "Hosts on the list: ", tag("strong", tally.listed()), ". A host of several classes counts in each.");
    part += table("By class", {"Class", "Meaning", "Hosts"}, classes);
    std::vector<std::vector<Html>> zones;
    for (const auto& zone : configuration.zones.zones)
        zones.push_back({tag("code", zone.apex), numbered(tally.listed_in(zone.classes))});
    if (!zones.empty()) part += table("By zone", {"Zone", "Hosts"}, zones);
    return part;
}

Html by_day(const Tally& tally, Time now) {
    const auto today = std::chrono::floor<std::chrono::days>(now);
    const auto month = tally.days(today, 30);
    Html part = element("h2", {{"id", "days"}}, "Listings and delistings by day");
    if (month.empty()) return part + tag("p", "Nothing was listed yet.");
    part += tag("h3", "The last 30 days") + plot(month);
    const auto year = tally.days(today, 365);
    if (year.size() > 30) part += tag("h3", "The last 365 days") + plot(year);
    std::vector<std::vector<Html>> rows;
    for (auto day = month.rbegin(); day != month.rend(); ++day)
        rows.push_back({day_of(Time{day->day}), numbered(day->listed), numbered(day->delisted)});
    return part + tag("details", tag("summary", "The last 30 days as a table"),
                      table("Days of UTC, the newest first", {"Day", "Listed", "Delisted"}, rows));
}

void add_rest(std::vector<std::vector<Html>>& rows, std::uint64_t others, std::uint64_t unknown) {
    if (others > 0) rows.push_back({"all others", "", numbered(others)});
    if (unknown > 0) rows.push_back({"not known", "", numbered(unknown)});
}

Html origins_part(const StatisticsView& view) {
    if (!view.origins) return {};
    const auto& all = *view.origins;
    Html part = element("h2", {{"id", "origins"}}, "Countries and networks");
    part += tag("p", "Of ", numbered(all.hosts), " hosts, counted at ", when(all.counted), ".");
    if (all.by_country) {
        std::vector<std::vector<Html>> rows;
        for (const auto& row : all.countries)
            rows.push_back({tag("code", row.country.code), row.country.name, numbered(row.hosts)});
        add_rest(rows, all.other_countries, all.no_country);
        part += table("By country, the most first", {"Country", "Name", "Hosts"}, rows);
    }
    if (all.by_network) {
        std::vector<std::vector<Html>> rows;
        for (const auto& row : all.networks)
            rows.push_back(
                {tag("code", fmt::format("AS{}", row.network.number)), row.network.name, numbered(row.hosts)});
        add_rest(rows, all.other_networks, all.no_network);
        part += table("By network, the most first", {"Network", "Name", "Hosts"}, rows);
    }
    if (!view.credit.empty()) part += element("p", {{"class", "quiet"}}, view.credit);
    return part;
}

Html endings(const Tally& tally) {
    Html part = element("h2", {{"id", "endings"}}, "How listings ended");
    std::vector<std::vector<Html>> rows;
    constexpr std::array<std::pair<ChangeReason, std::string_view>, 8> reasons{
        {{ChangeReason::secured, "every proven way was refused"},
         {ChangeReason::silent, "nothing answered any more"},
         {ChangeReason::inconclusive, "nothing came through any more"},
         {ChangeReason::expired, "nobody could reach it for too long"},
         {ChangeReason::excluded, "its network was excluded"},
         {ChangeReason::manual_ended, "a listing by hand ended"},
         {ChangeReason::purged, "part of a bad batch that was taken back"},
         {ChangeReason::configuration, "the rules changed"}}};
    for (const auto& [reason, words] : reasons) {
        if (tally.ended(reason) > 0) rows.push_back({words, numbered(tally.ended(reason))});
    }
    if (rows.empty()) return part + tag("p", "None has ended yet.");
    part += table("As far back as the journal goes", {"How", "Listings"}, rows);
    part += tag("p", "At their owners' request: ", numbered(tally.ended_at_request()), ".");
    std::vector<std::vector<Html>> spans;
    for (std::size_t i = 0; i < tally.lasted().size(); ++i) {
        spans.push_back({i < Tally::spans.size() ? fmt::format("less than {}", api::in_words(Tally::spans[i]))
                                                 : std::string{"longer"},
                         numbered(tally.lasted()[i])});
    }
    part += table("From listing to delisting", {"Time", "Listings"}, spans);
    return part;
}

// A bar from the axis, of this height; negative ones go down.
std::string bar(std::size_t place, double width, double axis, double height) {
    return fmt::format("M{:.1f} {:.1f}v{:.1f}h{:.1f}V{:.1f}z", static_cast<double>(place) * width, axis, -height,
                       width * 0.8, axis);
}

} // namespace

Html plot(const std::deque<DayCount>& days) {
    constexpr double width = 720;
    constexpr double half = 90; // of the height, less a margin for words
    std::uint64_t most = 1;
    std::uint64_t listed = 0;
    std::uint64_t delisted = 0;
    for (const auto& day : days) {
        most = std::max({most, day.listed, day.delisted});
        listed += day.listed;
        delisted += day.delisted;
    }
    std::string up;
    std::string down;
    const auto each = width / static_cast<double>(std::max<std::size_t>(1, days.size()));
    for (std::size_t i = 0; i < days.size(); ++i) {
        const auto scaled = [&](std::uint64_t count) {
            return half * static_cast<double>(count) / static_cast<double>(most);
        };
        if (days[i].listed > 0) up += bar(i, each, half + 15, scaled(days[i].listed));
        if (days[i].delisted > 0) down += bar(i, each, half + 15, -scaled(days[i].delisted));
    }
    const auto words = days.empty()
                           ? std::string{"No days."}
                           : fmt::format("{} to {}: {} listed, {} delisted; at most {} on one day.",
                                         to_string(Time{days.front().day}).substr(0, 10),
                                         to_string(Time{days.back().day}).substr(0, 10), listed, delisted, most);
    Html inside;
    inside += element("path", {{"class", "up"}, {"d", up}});
    inside += element("path", {{"class", "down"}, {"d", down}});
    inside += element("line", {{"class", "axis"},
                               {"x1", "0"},
                               {"x2", fmt::format("{:.0f}", width)},
                               {"y1", fmt::format("{:.0f}", half + 15)},
                               {"y2", fmt::format("{:.0f}", half + 15)}});
    inside += element("text", {{"x", "4"}, {"y", "13"}}, fmt::format("listed, up to {} a day", most));
    inside += element("text", {{"x", "4"}, {"y", fmt::format("{:.0f}", 2 * half + 26)}}, "delisted");
    return tag("figure",
               element("svg",
                       {{"class", "plot"},
                        {"viewBox", fmt::format("0 0 {:.0f} {:.0f}", width, 2 * half + 30)},
                        {"role", "img"},
                        {"aria-label", words}},
                       inside),
               tag("figcaption", words));
}

Page statistics_page(const Site& site, const Configuration& configuration, const StatisticsView& view) {
    Page page;
    page.title = "Statistics";
    page.here = "/statistics";
    page.content = tag("h1", "Statistics of ", site.name);
    if (!view.tally) {
        page.content += tag("p", "The journal has not been counted yet: please come again in a moment.");
        return page;
    }
    page.content += view.position >= view.last
                        ? tag("p", "Counted from the journal of all changes, up to its entry ", view.position, ".")
                        : tag("p", "The journal is still being counted: entry ", view.position, " of ", view.last, ".");
    page.content += standing(configuration, *view.tally);
    page.content += origins_part(view);
    page.content += by_day(*view.tally, view.now);
    page.content += endings(*view.tally);
    return page;
}

} // namespace provenbl::tools::pages
