// How a listing ends: the rules, the button, the visit as it happens, and the time until caches forget.
#include "tools/api/span_text.hpp"
#include "tools/pages/case_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::pages {

bool is_live(const Scan& visit, Time now) {
    if (visit.state == ScanState::running) return true;
    // When a report's visit is due is nobody's business (tools/api/public_view.hpp).
    return visit.state == ScanState::queued && visit.kind == ScanKind::owner &&
           visit.due <= now + std::chrono::minutes{1};
}

namespace parts {
namespace {

using api::in_words;

constexpr std::size_t shown_steps = 40;
constexpr std::size_t detail_most = 200;

// How long it takes, by the rules that decide it (verifier/policy.cpp).
Html rules_list(const verifier::PolicyRules& rules) {
    const auto row = [](std::string_view case_of, const std::string& then) { return tag("li", case_of, " ", then); };
    return tag(
        "ul", row("It refuses what it used to allow:", "the listing ends with the visit, within seconds."),
        row("Its ports are closed:",
            fmt::format("after {} visits in a row, {} apart; ask, and they follow by themselves.", rules.silent_scans,
                        in_words(rules.closed_port_spacing))),
        row("A firewall drops our packets:",
            fmt::format("after {} visits in a row, {} apart, for silence may be an outage. Refusing is faster than "
                        "dropping.",
                        rules.silent_scans, in_words(rules.silent_spacing))),
        row("It takes what we send, but nothing arrives:",
            fmt::format("after {} visits in a row, {} apart.", rules.inconclusive_scans,
                        in_words(rules.rescan_interval))),
        row(fmt::format("It was listed again within {} of a delisting:", in_words(rules.flip_window)),
            fmt::format("after {} clean visits in a row, {} apart.", rules.flip_clean_scans,
                        in_words(rules.flip_spacing))),
        row(fmt::format("Nobody can reach it for {}:", in_words(rules.unreachable_expiry)), "the listing expires."));
}

Html button(const CaseView& view) {
    return element("form", {{"method", "post"}, {"action", "/" + path_of(view) + "/rescan"}},
                   element("button", {{"id", "check-now"}, {"type", "submit"}}, "I have fixed it, check now"));
}

// The moment of a visit; of one that a report asked for everybody knows the day alone.
Html moment(const Scan& visit, Time time) {
    return visit.kind == ScanKind::report ? day_of(time) : when(time);
}

} // namespace

std::string path_of(const CaseView& view) {
    // An address holds nothing that a path would have to encode (RFC 3986 3.3 allows ':').
    return view.facts.address.to_string();
}

Html way_out(const CaseView& view) {
    const auto& facts = view.facts;
    if (!view.refusal.empty()) return tag("p", view.refusal, ".");
    if (!facts.listed()) return {};
    Html part = element("h2", {{"id", "removal"}}, "How to be removed");
    if (facts.host->holes.empty()) {
        const auto last = std::max_element(facts.host->manual.begin(), facts.host->manual.end(),
                                           [](const auto& a, const auto& b) { return a.until < b.until; });
        return part + tag("p", "No visit can end what no visit has proven: the listing ends by itself at ",
                          when(last->until), ", or when the operator takes it back.");
    }
    part +=
        tag("p", "Close what is described below: accept mail for others, or connections to others, only from networks "
                 "or users that you know. Then press the button. No proof of identity is needed and nothing is "
                 "charged.");
    part += button(view);
    if (!view.why.way_out.empty()) part += tag("p", excerpt(view.why.way_out, 2000));
    part +=
        tag("details", tag("summary", "How soon the listing ends, by what the visits find"), rules_list(view.rules));
    return part;
}

Html live_scan(const CaseView& view) {
    if (!view.visit) return {};
    const auto& visit = *view.visit;
    const bool live = is_live(visit, view.facts.now);
    Html state;
    if (visit.state == ScanState::running)
        state = "The visit is under way. ";
    else if (visit.state == ScanState::queued)
        state = Html{"The next visit is due "} + moment(visit, visit.due) + Html{". "};
    else
        state = Html{"Last visit "} + moment(visit, visit.finished) + Html{": "} + excerpt(visit.outcome, 1500);
    Html steps;
    for (std::size_t i = 0; i < visit.steps.size() && i < shown_steps; ++i) {
        const auto& step = visit.steps[i];
        steps += tag("li", excerpt(step.technique, detail_most / 2), ", port ", step.port, ": ",
                     to_string(step.verdict), ". ", excerpt(step.detail, detail_most));
    }
    Html part = element("p", {{"class", "state-line"}}, state);
    if (live) part += tag("noscript", tag("p", "This page loads itself again every few seconds until it is over."));
    part += element("ol", {{"aria-label", "What was tried, and what came of it"}}, steps);
    if (visit.steps.size() > shown_steps) part += tag("p", "And ", visit.steps.size() - shown_steps, " more steps.");
    Attributes attributes{{"id", "live-scan"}, {"role", "status"}, {"aria-live", "polite"}, {"tabindex", "-1"}};
    if (live)
        attributes.push_back({"data-follow", fmt::format("/v1/hosts/{}/scans/{}?follow=1", path_of(view), visit.id)});
    return tag("h2", live                               ? "The visit"
                     : visit.state == ScanState::queued ? "The next visit"
                                                        : "The last visit") +
           element("div", attributes, part);
}

Html countdown(const CaseView& view) {
    const auto& facts = view.facts;
    if (view.zones.empty() || facts.shut_down || !facts.host || view.test_entry) return {};
    std::uint32_t positive = 0;
    std::uint32_t negative = 0;
    for (const auto& zone : view.zones) {
        positive = std::max(positive, zone.ttl);
        negative = std::max(negative, zone.negative_ttl);
    }
    const auto& host = *facts.host;
    const bool listed = facts.listed();
    if (!listed && host.delisted_at == Time{}) return {};
    const auto changed = listed ? host.listed_since : host.delisted_at;
    const auto until = changed + std::chrono::seconds{listed ? negative : positive};
    Attributes attributes{{"id", "countdown"}};
    Html text;
    if (until > facts.now) {
        attributes.push_back({"data-until", to_string(until)});
        attributes.push_back({"data-now", to_string(facts.now)});
        const auto left = std::chrono::ceil<std::chrono::seconds>(until - facts.now);
        text = Html{listed ? "Resolvers may answer 'not listed' from their caches until "
                           : "Resolvers may answer 'listed' from their caches until "} +
               when(until) + Html{": "} +
               element("span", {{"class", "left"}}, fmt::format("{} seconds", left.count())) + Html{"."};
    } else if (listed) {
        text = Html{fmt::format("Once it is off the list, resolvers forget within {}.",
                                in_words(std::chrono::seconds{positive}))};
    } else {
        text = "Resolvers that keep to our TTL have forgotten the listing. Who still refuses your mail for it has a "
               "copy of "
               "the list that is not ours, or another reason.";
    }
    return element("p", attributes, text);
}

} // namespace parts
} // namespace provenbl::tools::pages
