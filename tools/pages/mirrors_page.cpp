#include "tools/pages/mirrors_page.hpp"

#include "tools/api/span_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::pages {
namespace {

Html age(const MirrorsView& view) {
    if (!view.last_change) return "no change yet";
    const auto seconds = std::chrono::floor<std::chrono::seconds>(view.now - *view.last_change);
    return when(*view.last_change) +
           Html{fmt::format(", {} ago", api::in_words(std::max(seconds, std::chrono::seconds{0})))};
}

std::string state_of(const api::MirrorStanding& mirror) {
    if (!mirror.answering) return "does not answer";
    if (mirror.ahead) return "has a serial that is not ours";
    const bool asked =
        std::all_of(mirror.zones.begin(), mirror.zones.end(), [](const api::ZoneStanding& zone) { return zone.known; });
    if (!asked) return "has not been asked yet";
    if (mirror.serials_behind == 0) return "up to date";
    return fmt::format("{} {} behind, for {}", mirror.serials_behind, mirror.serials_behind == 1 ? "change" : "changes",
                       api::in_words(std::chrono::seconds{mirror.seconds_behind}));
}

Html how_far(const std::vector<api::MirrorStanding>& mirrors) {
    std::vector<std::vector<Html>> rows;
    for (const auto& mirror : mirrors)
        rows.push_back(
            {tag("code", mirror.name), state_of(mirror), mirror.asked == Time{} ? Html{"never"} : when(mirror.asked)});
    return table("How far they are", {"Mirror", "State", "Asked"}, rows);
}

} // namespace

Page mirrors_page(const Site& site, const Configuration& configuration, const MirrorsView& view) {
    Page page;
    page.title = "Mirrors";
    page.here = "/mirrors";
    page.content = tag("h1", "Zones and mirrors of ", site.name);
    if (view.shut_down)
        page.content += element("p", {{"class", "state"}}, "The list is shut down: its zones are empty.");
    page.content +=
        tag("p", "All zones of what is proven share one serial: the position in the journal of changes. It is ",
            tag("strong", view.serial), "; the last change came at ", age(view), ". ",
            view.mirrors == 0   ? std::string{"Nobody mirrors them yet."}
            : view.mirrors == 1 ? std::string{"One mirror takes them."}
                                : fmt::format("{} mirrors take them.", view.mirrors));
    std::vector<std::vector<Html>> rows;
    for (const auto& zone : configuration.zones.zones) {
        Html servers;
        for (const auto& server : zone.name_servers) {
            if (!servers.empty()) servers += ", ";
            servers += server.name;
        }
        rows.push_back({tag("code", zone.apex), view.serial, servers,
                        api::in_words(std::chrono::seconds{zone.soa.expire}),
                        zone.access == zones::ZoneAccess::key ? "by arrangement" : "open"});
    }
    page.content += table("Zones", {"Zone", "Serial", "Name servers", "A mirror answers on for", "Access"}, rows);
    if (!view.standings.empty()) page.content += how_far(view.standings);
    page.content += element("h2", {{"id", "become"}}, "To mirror");
    page.content +=
        tag("p", "A mirror is a name server of yours (BIND, NSD, Knot DNS or PowerDNS) that takes the whole zone by "
                 "AXFR, follows by IXFR, is told of each change by NOTIFY, and signs with a TSIG key of its own; "
                 "rbldnsd takes files. The operator gives you one text that is complete for your server. It answers "
                 "on when this server is down.");
    if (!site.contact.empty())
        page.content += tag("p", "Write to ", link("mailto:" + site.contact, site.contact),
                            ": which server you run, and the addresses where it is told of changes.");
    page.content += tag("p", "To see how far a mirror is, ask it: ",
                        configuration.zones.zones.empty()
                            ? Html{}
                            : tag("code", "dig +short SOA " + configuration.zones.zones.front().apex + " @MIRROR"),
                        " shows its serial.");
    return page;
}

} // namespace provenbl::tools::pages
