#include "tools/pages/page.hpp"

#include "tools/pages/assets.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace provenbl::tools::pages {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> places{{{"/", "Look up"},
                                                                               {"/criteria", "Criteria"},
                                                                               {"/use", "Use the list"},
                                                                               {"/statistics", "Statistics"},
                                                                               {"/mirrors", "Mirrors"}}};

Html head(const Site& site, const Page& page) {
    Html head = element("meta", {{"charset", "utf-8"}});
    head += element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
    head += element("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
    if (!page.indexed) head += element("meta", {{"name", "robots"}, {"content", "noindex"}});
    head += tag("title", fmt::format("{} - {}", page.title, site.name));
    head += element("link", {{"rel", "icon"}, {"type", "image/svg+xml"}, {"href", asset_path("icon.svg")}});
    head += element("link", {{"rel", "stylesheet"}, {"href", asset_path("style.css")}});
    head += element("script", {{"src", asset_path("script.js")}, {"defer", ""}});
    if (page.refresh > 0)
        head +=
            tag("noscript", element("meta", {{"http-equiv", "refresh"},
                                             {"content", fmt::format("{};url={}", page.refresh, page.refresh_to)}}));
    return head;
}

Html navigation(const Site& site, std::string_view here) {
    Html items;
    for (const auto& [path, name] : places) {
        Attributes attributes{{"href", std::string{path}}};
        if (path == here) attributes.push_back({"aria-current", "page"});
        items += tag("li", element("a", attributes, name));
    }
    return tag("header", element("a", {{"class", "name"}, {"href", "/"}}, site.name),
               element("nav", {{"aria-label", "Main"}}, tag("ul", items)));
}

Html footer(const Site& site) {
    Html parts;
    if (!site.operator_name.empty()) parts += Html{"Run by "} + site.operator_name + Html{". "};
    if (!site.contact.empty()) {
        const bool mail = site.contact.find("://") == std::string::npos;
        parts += Html{"Contact: "} + link(mail ? "mailto:" + site.contact : site.contact, site.contact) + Html{". "};
    }
    if (!site.probing.empty()) parts += link(site.probing, "About our probes") + Html{". "};
    if (!site.imprint.empty()) parts += link(site.imprint, "Imprint") + Html{". "};
    if (!site.privacy.empty()) parts += link(site.privacy, "Privacy") + Html{". "};
    parts += link("/exclusion", "Ask to be left alone") + Html{". "};
    parts += "Being looked at, explained and removed costs nothing, ever.";
    return tag("footer", tag("p", parts));
}

Html notice(const Site& site) {
    if (site.notice.empty()) return {};
    return element("aside", {{"aria-label", "Notice"}, {"id", "site-notice"}}, tag("p", site.notice));
}

} // namespace

Site site_of(const Configuration& configuration) {
    const auto& identity = configuration.verifier.identity;
    const auto& zones = configuration.zones.zones;
    Site site;
    site.name = zones.empty() ? "provenbl" : zones.front().apex;
    const auto& said = configuration.pages;
    site.operator_name = said.operator_name.empty() ? configuration.letters.organization : said.operator_name;
    site.contact = said.contact.empty() ? identity.contact : said.contact;
    site.imprint = said.imprint;
    site.privacy = said.privacy;
    site.notice = said.notice;
    site.probing = identity.page;
    return site;
}

std::string render(const Site& site, const Page& page) {
    const auto body = tag("body", element("a", {{"class", "skip"}, {"href", "#main"}}, "Skip to the content"),
                          navigation(site, page.here), notice(site),
                          element("main", {{"id", "main"}, {"tabindex", "-1"}}, page.content), footer(site));
    return "<!doctype html>\n" + element("html", {{"lang", "en"}}, tag("head", head(site, page)), body).markup() + "\n";
}

Html when(Time time) {
    return element("time", {{"datetime", to_string(time)}}, to_string(time));
}

Html day_of(Time time) {
    const auto day = to_string(time).substr(0, 10);
    return element("time", {{"datetime", day}}, day);
}

Page error_page(unsigned status, std::string_view reason, std::string_view detail) {
    Page page;
    page.title = fmt::format("{} {}", status, reason);
    page.indexed = false;
    page.content = tag("h1", status == 404 ? std::string_view{"There is no such page"} : reason);
    if (!detail.empty()) page.content += tag("p", detail);
    page.content += tag("p", "You can ", link("/", "look an address up"), ", read the ",
                        link("/criteria", "criteria of this list"), ", or see ", link("/use", "how to use it"), ".");
    return page;
}

} // namespace provenbl::tools::pages
