#include "tools/pages/criteria_page.hpp"

#include "tools/api/span_text.hpp"
#include "verifier/technique.hpp"

#include <fmt/format.h>

#include <map>

namespace provenbl::tools::pages {
namespace {

using api::in_words;

Html zones_part(const Configuration& configuration) {
    Html part = element("h2", {{"id", "zones"}}, "Zones and codes");
    std::vector<std::vector<Html>> rows;
    for (const auto& zone : configuration.zones.zones) {
        for (const auto& [cls, code] : zone.codes) {
            if (!zone.classes.contains(cls)) continue;
            rows.push_back({tag("code", zone.apex), tag("code", code.to_string()), to_string(cls), meaning(cls)});
        }
    }
    part += table("What an answer means", {"Zone", "A record", "Class", "Meaning"}, rows);
    std::vector<std::vector<Html>> times;
    for (const auto& zone : configuration.zones.zones)
        times.push_back({tag("code", zone.apex), in_words(std::chrono::seconds{zone.ttl}),
                         in_words(std::chrono::seconds{std::min(zone.soa.negative_ttl, zone.soa.ttl)}),
                         zone.access == zones::ZoneAccess::key ? "needs an access key" : "open to everybody"});
    part += table("How long resolvers remember", {"Zone", "'listed'", "'not listed'", "Access"}, times);
    part +=
        tag("p", "A listed address has an A record for each of its classes in the zone, and one TXT record with the "
                 "reason and the address of its page. 127.0.0.2 is always listed, so is each code as an address, and "
                 "127.0.0.1 never is (RFC 5782 section 5). A missing 127.0.0.2, or a listed 127.0.0.1, means that the "
                 "list is out of service.");
    for (const auto& zone : configuration.zones.static_zones)
        part += tag("p", "The zone ", tag("code", zone.apex),
                    " is served from files that the operator keeps; its contents are not proven by this service.");
    return part;
}

Html listing_part(const verifier::PolicyRules& rules) {
    Html part = element("h2", {{"id", "listing"}}, "What is listed");
    part +=
        tag("p", "A host is listed when a secret of ours, sent through it, has arrived at our own receivers; where the "
                 "protocol lets us, the receiver's answer has to come back through the host, too. One such proof "
                 "lists. Nothing else does: no report, no banner, no open port, no accepted recipient.");
    Html points =
        tag("li", "A relay or proxy that is open to anybody is listed, and nothing else is: no spam, no content, "
                  "no country, no dynamic address, no network for the sake of one of its machines.");
    points += tag("li", rules.ipv6_granularity == 64 ? "IPv6 is listed by /64: every address of it is answered for."
                                                     : "Each listing is of one address, IPv4 or IPv6.");
    points +=
        tag("li", rules.list_exits ? "Where a mail or connection leaves by another address than it entered, that "
                                     "other address is listed, too, as 'chain'."
                                   : "Where a mail or connection leaves by another address than it entered, only the "
                                     "entry is listed.");
    points +=
        tag("li", rules.manual_listing
                      ? "The operator may list by hand. Such a listing has no proof, always has a reason and an end, "
                        "and says so on the page of its address."
                      : "Nobody can list by hand, the operator neither.");
    return part + tag("ul", points);
}

Html visits_part(const Configuration& configuration) {
    const auto& rules = configuration.verifier.policy;
    Html part = element("h2", {{"id", "visits"}}, "When a host is visited");
    part +=
        tag("p", "Never without a reason (RFC 6471 3.6.1): a report by somebody whom we know, the retest of what is "
                 "listed, or its owner's own request.");
    Html points = tag(
        "li", fmt::format("Visits that nobody asked for come no more often than once in {} (RFC 6471 3.6.2), and end "
                          "with the listing.",
                          in_words(rules.rescan_interval)));
    points +=
        tag("li",
            fmt::format("Reports bring about no more than one visit to a host in {}.{}", in_words(rules.report_spacing),
                        rules.reports_needed > 1 ? fmt::format(" {} reporters have to name it within {}.",
                                                               rules.reports_needed, in_words(rules.report_window))
                                                 : std::string{}));
    points +=
        tag("li", rules.anonymous_reports
                      ? fmt::format("Reports without a key are taken, {} in an hour and {} in a day of all together.",
                                    rules.anonymous_per_hour, rules.anonymous_per_day)
                      : std::string{"Reports are taken with a reporter's key only."});
    points +=
        tag("li", fmt::format("An owner's request is taken at once; the next one {} later, doubled up to {} while the "
                              "host is found open. Anybody may ask for a listed host; for one that is not listed only "
                              "who asks from that address.",
                              in_words(rules.owner_spacing), in_words(rules.owner_spacing_most)));
    points += tag("li", "Greylisting is respected: who says 'try again later' is tried again ",
                  in_words(rules.retry_after), " later.");
    points += tag("li", "No password is ever tried, nothing is flooded, and whoever asks us to stop ends the visit.");
    points += tag("li", "Every probe says who sends it: HELO ", tag("code", configuration.verifier.identity.helo),
                  configuration.verifier.identity.contact.empty()
                      ? Html{"."}
                      : Html{", contact "} + configuration.verifier.identity.contact + Html{"."});
    return part + tag("ul", points);
}

Html techniques_part(const Configuration& configuration) {
    Html part = element("h2", {{"id", "techniques"}}, "What is tried");
    std::map<ListingClass, std::map<std::string_view, const verifier::Technique*>> families;
    std::map<std::string_view, std::size_t> forms;
    for (const auto* technique : verifier::all_techniques()) {
        const auto family = verifier::family_of(technique->name);
        families[technique->cls].emplace(family, technique);
        ++forms[family];
    }
    std::vector<std::vector<Html>> rows;
    for (const auto& [cls, of_class] : families) {
        for (const auto& [family, technique] : of_class) {
            std::string ports;
            for (const auto port : technique->ports) ports += fmt::format("{}{}", ports.empty() ? "" : ", ", port);
            rows.push_back({to_string(cls), tag("code", family), forms[family], ports, technique->explanation});
        }
    }
    part += table("Ways to abuse a host, by protocol", {"Class", "Protocol", "Forms", "Usual ports", "What it proves"},
                  rows);
    part += tag("p",
                configuration.verifier.probe.thorough
                    ? "All forms are tried in each visit."
                    : "Likely forms are tried in each visit; rare ones where a relative has found something promising. "
                      "What was proven once is always tried again.");
    part += tag("p", "A visit begins nothing new after ", in_words(configuration.verifier.probe.visit_timeout),
                ", and a mail that arrives within ", in_words(configuration.verifier.probe.mail_token_life),
                " still counts.");
    return part;
}

Html removal_part(const verifier::PolicyRules& rules) {
    Html part = element("h2", {{"id", "removal"}}, "How a listing ends");
    part +=
        tag("p", "By the same road that it came: visits find that the host is closed. Open the page of the address and "
                 "press 'I have fixed it, check now', or wait for the next visit. No proof of identity, no account, no "
                 "fee, no questions; removal requests are answered by the visit, within seconds.");
    const auto line = [](std::string_view what, const std::string& then) { return tag("li", what, " ", then); };
    part += tag(
        "ul", line("Every proven way is refused, in one visit:", "delisted at once."),
        line("Its ports are closed, at an owner's request:",
             fmt::format("after {} visits in a row, {} apart.", rules.silent_scans,
                         in_words(rules.closed_port_spacing))),
        line("Nothing answers:",
             fmt::format("after {} visits in a row, {} apart.", rules.silent_scans, in_words(rules.silent_spacing))),
        line("It accepts, but nothing arrives:", fmt::format("after {} visits in a row.", rules.inconclusive_scans)),
        line("Nobody can reach it:", fmt::format("it expires after {}.", in_words(rules.unreachable_expiry))),
        line("A way that was not proven again:", fmt::format("it closes after {}.", in_words(rules.proof_life))),
        line(fmt::format("It comes back within {} of a delisting:", in_words(rules.flip_window)),
             fmt::format("then {} clean visits in a row are needed, {} apart.", rules.flip_clean_scans,
                         in_words(rules.flip_spacing))));
    return part;
}

Html record_part(const Configuration& configuration) {
    Html part = element("h2", {{"id", "records"}}, "What is kept, and what is public");
    const auto kept = [](Duration span) {
        return span == Duration{} ? std::string{"for ever"} : fmt::format("for {}", in_words(span));
    };
    const auto& rules = configuration.retention;
    part += table("How long", {"What", "Kept"},
                  {{"The conversation and the mail that listed a host, after its delisting", kept(rules.evidence)},
                   {"Visits, with what the host said", kept(rules.scans)},
                   {"Reports, once they are answered", kept(rules.reports)},
                   {"What is known of a host that is not listed any more", kept(rules.hosts)},
                   {"The journal of all listings and delistings", kept(rules.journal)},
                   {"That an address was listed, from when to when, and why", "for ever"}});
    part +=
        tag("p", "The page of an address shows all of it but two things: who reported a host, and the secrets of our "
                 "probes. Statements for others are signed, as receipts, and anybody can check them.");
    return part;
}

Html special_part(const Configuration& configuration) {
    Html part = element("h2", {{"id", "exclusions"}}, "What is never visited and never listed");
    Html points = tag("li", "Special-purpose addresses (RFC 6890): private, loopback, documentation, multicast.");
    points += tag("li", "The networks of this service itself (RFC 6471 3.5 asks to say so).");
    points +=
        tag("li", "Networks whose owner has asked to be left alone. Each exclusion has a reason, which the page of an "
                  "address in it shows. Write to the contact below to be excluded.");
    part += tag("ul", points);
    if (!configuration.verifier.gate.unlocked.empty())
        part += tag("p", "Special-purpose networks that this service does visit, because its operator owns them: ",
                    fmt::format("{} in all.", configuration.verifier.gate.unlocked.size()));
    part += element("h2", {{"id", "end"}}, "If this list ends");
    part +=
        tag("p",
            "It will be announced here, its zones become empty, and nothing is ever listed to make a point: the world "
            "is never listed (RFC 6471 3.4). A bad batch is taken back as a whole, with a public note (3.9): ",
            link("/v1/notices", "all notices"), ".");
    return part;
}

} // namespace

std::string_view meaning(ListingClass cls) {
    switch (cls) {
    case ListingClass::relay:
        return "passes on mail of anybody to anybody";
    case ListingClass::socks:
        return "an open SOCKS proxy or datagram relay";
    case ListingClass::http:
        return "an open HTTP proxy";
    case ListingClass::chain:
        return "the exit of an open relay or proxy that is entered elsewhere";
    case ListingClass::wingate:
        return "an open gateway of the telnet kind";
    case ListingClass::router:
        return "a router that forwards for anybody";
    case ListingClass::web:
        return "a web page that fetches others for anybody";
    }
    return "";
}

Page criteria_page(const Site& site, const Configuration& configuration) {
    Page page;
    page.title = "Criteria";
    page.here = "/criteria";
    page.content = tag("h1", "Criteria of ", site.name);
    page.content +=
        tag("p", "This page is made from the configuration that is in force at this moment; the numbers on it are "
                 "those that the program decides by.");
    page.content += listing_part(configuration.verifier.policy);
    page.content += removal_part(configuration.verifier.policy);
    page.content += visits_part(configuration);
    page.content += techniques_part(configuration);
    page.content += zones_part(configuration);
    page.content += special_part(configuration);
    page.content += record_part(configuration);
    return page;
}

} // namespace provenbl::tools::pages
