#include "tools/pages/use_page.hpp"

#include "tools/pages/client_files.hpp"

#include <fmt/format.h>

#include <array>

namespace provenbl::tools::pages {
namespace {

// In the order of the page. What a setting does, its file says.
struct Place {
    std::string_view file, program, where;
};
constexpr std::array<Place, 10> places{{
    {"postfix.cf", "Postfix", "/etc/postfix/main.cf"},
    {"postscreen.cf", "Postfix postscreen", "/etc/postfix/main.cf"},
    {"postfix-key.cf", "Postfix: what replies name", "/etc/postfix/main.cf"},
    {"exim.acl", "Exim", "the RCPT ACL"},
    {"sendmail.mc", "Sendmail", "sendmail.mc"},
    {"spamassassin.cf", "SpamAssassin", "a file of its own in /etc/spamassassin"},
    {"rspamd-rbl.conf", "Rspamd", "/etc/rspamd/local.d/rbl.conf"},
    {"rspamd-rbl_group.conf", "Rspamd: weights", "/etc/rspamd/local.d/rbl_group.conf"},
    {"haraka-dns-list.ini", "Haraka", "config/dns-list.ini"},
    {"hopm.conf", "HOPM (IRC)", "hopm.conf, inside opm { }"},
}};

} // namespace

const zones::ZoneDefinition* main_zone(const Configuration& configuration) {
    for (const auto& zone : configuration.zones.zones) {
        if (client_file(places.front().file, zone)) return &zone;
    }
    return nullptr;
}

std::vector<Recipe> recipes(const zones::ZoneDefinition& zone) {
    std::vector<Recipe> all;
    for (const auto& [file, program, where] : places) {
        if (auto lines = client_file(file, zone))
            all.push_back({std::string{file.substr(0, file.rfind('.'))}, program, where, file, std::move(*lines)});
    }
    return all;
}

Page use_page(const Site& site, const Configuration& configuration) {
    Page page;
    page.title = "Use the list";
    page.here = "/use";
    page.content = tag("h1", "How to use ", site.name);
    const auto* const main = main_zone(configuration);
    if (main == nullptr) {
        page.content += tag("p", "This server has no zone of what is proven.");
        return page;
    }
    page.content += tag("p", "The settings below are for ", tag("code", main->apex),
                        ". They name the codes that mean something, so that no other answer ever refuses mail.");
    if (main->access == zones::ZoneAccess::key)
        page.content += tag("p", "This zone needs an access key: write the key that you were given in the place of ",
                            tag("code", "KEY"), ".");
    const auto asked = (main->access == zones::ZoneAccess::key ? "KEY." : "") + main->apex;
    page.content += element("h2", {{"id", "test"}}, "First, see that it answers");
    page.content += tag("pre", fmt::format("dig +short 2.0.0.127.{0}   # an answer in 127.0.0.0/8: it works\n"
                                           "dig +short 1.0.0.127.{0}   # no answer: as it must be\n",
                                           asked));
    page.content +=
        tag("p", "Ask through a resolver of your own, on the machine or in your network: public resolvers ask for "
                 "thousands at once and meet the limits that protect the service.");
    for (const auto& recipe : recipes(*main)) {
        page.content += element("h2", {{"id", recipe.id}}, recipe.program);
        page.content += tag("p", "In ", tag("code", recipe.where), " (",
                            link("/use/" + std::string{recipe.file}, "as a file"), "):");
        page.content += tag("pre", recipe.lines);
    }
    if (configuration.zones.zones.size() > 1) {
        page.content += element("h2", {{"id", "zones"}}, "Other zones");
        page.content += tag("p", "The same settings with another name; each is a part of what is known.");
        std::vector<std::vector<Html>> rows;
        for (const auto& zone : configuration.zones.zones)
            rows.push_back({tag("code", zone.apex), to_string(zone.classes), tag("code", postfix_pattern(zone))});
        page.content += table("Zones and what they list", {"Zone", "Classes", "Codes, as Postfix reads them"}, rows);
    }
    page.content += element("h2", {{"id", "mirror"}}, "Many questions?");
    page.content += tag("p", "Take the zone and answer yourself: ", link("/mirrors", "how to mirror"), ".");
    return page;
}

} // namespace provenbl::tools::pages
