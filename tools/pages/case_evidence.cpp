// What was proven at an address, in plain words and with the conversation; and how to close it.
#include "tools/pages/case_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::pages::parts {
namespace {

constexpr std::size_t shown_guides = 6;
constexpr std::size_t texts_budget = 18 * 1024; // of markup, for all conversations and mails together
constexpr std::size_t word_most = 150;          // of what should be short

// A text that is folded away, of what is left of the budget.
Html folded(std::string_view summary, std::string_view text, std::size_t& budget) {
    if (text.empty()) return {};
    const auto shown = excerpt(text, std::min(budget, shown_of_text));
    budget -= std::min(budget, shown.size());
    return tag("details", tag("summary", summary), tag("pre", shown));
}

Html one_hole(const Hole& hole, const CaseView& view, std::size_t& budget) {
    Html part = tag("h3", excerpt(hole.technique, word_most), " at ", hole.entry.to_string(), " port ", hole.port);
    part += tag("p", excerpt(api::explain(hole), word_most * 4));
    part += tag("p", "First proven ", when(hole.first_proven), ", last proven ", when(hole.last_proven), ".");
    for (const auto& item : view.evidence) {
        if (item.ordinal != hole.ordinal) continue;
        part += tag("p", "We sent a secret through it at ", when(item.sent), "; it arrived at our port ",
                    item.sink_port, " at ", when(item.arrived), ", from ", item.exit.to_string(), ".");
        part += folded("The conversation", item.transcript, budget);
        part += folded("What arrived", item.message, budget);
        if (!item.repeat.empty())
            part += tag("p", "To repeat the test (TOKEN is any word of yours): ",
                        tag("code", excerpt(item.repeat, word_most * 2)));
    }
    return element("section", {{"class", "evidence"}}, part);
}

Html one_section(const fixes::Section& section) {
    Html title{fixes::heading(section.kind)};
    if (!section.where.empty()) title += Html{": "} + tag("code", section.where);
    Html lines;
    for (const auto& line : section.lines) {
        const auto mark = section.kind == fixes::SectionKind::change ? fixes::change_line(line).mark : ' ';
        if (mark == '-' || mark == '+')
            lines += tag(mark == '-' ? "del" : "ins", line);
        else
            lines += Html{line} + Html{"\n"};
    }
    return tag("h4", title) + tag("pre", lines);
}

} // namespace

Html evidence(const CaseView& view) {
    if (!view.facts.listed() || view.facts.host->holes.empty()) return {};
    const auto& holes = view.facts.host->holes;
    Html part = element("h2", {{"id", "proven"}}, "What was proven");
    auto budget = texts_budget;
    for (std::size_t i = 0; i < holes.size() && i < shown_holes; ++i) part += one_hole(holes[i], view, budget);
    if (holes.size() > shown_holes) part += tag("p", "And ", holes.size() - shown_holes, " more ways.");
    if (!view.software.empty()) part += tag("p", "It seems to run ", excerpt(view.software, word_most), ".");
    part += tag("p", "All of it, as a program reads it: ",
                link("/v1/hosts/" + path_of(view) + "/evidence", "the evidence as JSON"), ".");
    return part;
}

Html fix(const CaseView& view) {
    if (view.advice.empty()) return {};
    Html part = tag("h2", "How to close it");
    std::size_t shown = 0;
    for (const auto& one : view.advice) {
        if (shown == shown_guides) break;
        Html inside = tag("summary", tag("h3", one.guide.title));
        for (const auto& section : one.guide.sections) inside += one_section(section);
        part += element("details", shown == 0 ? Attributes{{"open", ""}} : Attributes{}, inside);
        ++shown;
    }
    part += tag("p", "It runs something else? As text: ",
                tag("code", "provenbl fix " + view.facts.address.to_string() + " --software NAME"), ", or ",
                link("/v1/hosts/" + path_of(view) + "/fix", "as JSON"), ".");
    return element("section", {{"id", "fix"}}, part);
}

} // namespace provenbl::tools::pages::parts
