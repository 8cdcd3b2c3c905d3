#include "tools/pages/case_page.hpp"

#include "tools/pages/case_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::pages {
namespace {

constexpr std::size_t shown_lines = 40; // of the history
constexpr std::size_t cause_most = 300;
constexpr std::size_t shown_zones = 24;

std::string state_in_words(const CaseView& view) {
    const auto address = view.facts.address.to_string();
    if (view.facts.listed()) return address + " is listed";
    if (view.facts.host && view.facts.host->delisted_at != Time{}) return address + " is not listed any more";
    return address + " is not listed";
}

Html state(const CaseView& view) {
    const auto& facts = view.facts;
    Html text;
    if (facts.listed()) {
        text += tag("p", "Listed as ", tag("strong", to_string(facts.classes())), " since ",
                    when(facts.host->listed_since), ".");
        if (!view.why.reason.empty()) text += tag("p", excerpt(view.why.reason, 2000));
    } else if (facts.host && facts.host->delisted_at != Time{}) {
        text += tag("p", "It was delisted at ", when(facts.host->delisted_at), ". Nothing is left to do.");
        if (!view.why.reason.empty()) text += tag("p", excerpt(view.why.reason, 2000));
    } else {
        text += tag("p", "It has never been listed, as far as our records go.");
    }
    text += parts::countdown(view);
    return element("div", {{"class", facts.listed() ? "state listed" : "state clean"}}, text);
}

// A listing without proof; and what it covers.
Html manual(const CaseView& view) {
    const auto& facts = view.facts;
    Html part;
    if (!facts.host) return part;
    if (facts.listed() && facts.covers.length() < facts.address.bits())
        part +=
            tag("p", "IPv6 is listed by network here: the listing is one of all of ", facts.covers.to_string(), ".");
    for (const auto& entry : facts.host->manual)
        part += tag("p", "Listed as ", to_string(entry.cls), " by hand, ", tag("strong", "without proof"), ", since ",
                    when(entry.since), " and until ", when(entry.until), ": ", excerpt(entry.reason, 1000));
    return part;
}

Html in_dns(const CaseView& view) {
    Html part = element("h2", {{"id", "dns"}}, "What mail servers see");
    if (view.facts.shut_down)
        return part + tag("p", "The list is shut down: nothing of this is in DNS, whatever is listed.");
    if (view.zones.empty()) return {};
    if (view.test_entry) part += tag("p", "It is a test entry of RFC 5782: always in DNS, whatever is listed.");
    std::vector<std::vector<Html>> rows;
    for (const auto& zone : view.zones) {
        if (rows.size() == shown_zones) break;
        std::string codes;
        for (const auto& code : zone.codes) codes += (codes.empty() ? "" : ", ") + code;
        rows.push_back({tag("code", zone.name), codes.empty() ? Html{"not listed (NXDOMAIN)"} : tag("code", codes),
                        zone.text.empty() ? Html{"none"} : Html{zone.text}});
    }
    return part + table("Answers now, by zone", {"Name", "A", "TXT"}, rows);
}

Html history(const CaseView& view) {
    if (view.history.empty()) return {};
    Html part = element("h2", {{"id", "history"}}, "History");
    std::vector<std::vector<Html>> rows;
    const auto& lines = view.history;
    const auto first = lines.size() > shown_lines ? lines.size() - shown_lines : 0;
    for (auto i = first; i < lines.size(); ++i) {
        const auto& line = lines[i];
        rows.push_back({when(line.at), line.what, line.actor, excerpt(line.cause, cause_most)});
    }
    if (first > 0 || view.history_cut) part += tag("p", "What is older is not shown here.");
    part += table("What happened, the oldest first", {"When (UTC)", "What", "Who", "Why"}, rows);
    return part + tag("p", link("/v1/hosts/" + parts::path_of(view) + "/history", "The history as JSON"), ".");
}

Html proof(const CaseView& view) {
    const auto& facts = view.facts;
    Html part = tag("h2", "Proof for others");
    if (!facts.host || facts.host->manual.empty())
        part += tag("p", "Every listing here is proven: a secret that we sent through the host came back to us.");
    else
        part +=
            tag("p", "What is not entered by hand is proven: a secret that we sent through the host came back to us.");
    if (view.receipts)
        part += tag("p",
                    element("a", {{"id", "receipt"}, {"href", "/v1/hosts/" + parts::path_of(view) + "/receipt"}},
                            "A signed receipt of how the address stands now"),
                    "; with ", tag("code", "?at=TIME"), " behind it, of how it stood then.");
    return part;
}

} // namespace

Page case_page(const CaseView& view) {
    Page page;
    page.title = state_in_words(view);
    page.indexed = false; // addresses change hands
    page.content = tag("h1", state_in_words(view)) + state(view);
    if (!view.notice.empty())
        page.content +=
            element("p", {{"class", "state"}, {"role", "alert"}, {"id", "notice"}}, excerpt(view.notice, 1000));
    page.content += manual(view);
    page.content += parts::way_out(view);
    page.content += parts::live_scan(view);
    page.content += parts::evidence(view);
    page.content += parts::fix(view);
    page.content += in_dns(view);
    page.content += history(view);
    page.content += proof(view);
    if (view.visit && is_live(*view.visit, view.facts.now)) {
        page.refresh = 3;
        page.refresh_to = fmt::format("?visit={}", view.visit->id);
    }
    return page;
}

} // namespace provenbl::tools::pages
