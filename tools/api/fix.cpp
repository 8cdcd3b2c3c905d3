#include "tools/api/fix.hpp"

#include "store/hosts.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/redaction.hpp"
#include "tools/api/router.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::api {
namespace json = boost::json;
namespace {

// Where such a service usually listens: for what was listed by hand, without a port.
std::uint16_t usual_port(ListingClass cls) {
    switch (cls) {
    case ListingClass::relay:
    case ListingClass::chain:
        return 25;
    case ListingClass::socks:
        return 1080;
    case ListingClass::wingate:
        return 23;
    case ListingClass::web:
        return 80;
    case ListingClass::http:
    case ListingClass::router:
        break;
    }
    return 8080;
}

void add(std::vector<fixes::Finding>& findings, fixes::Finding finding) {
    const bool known = std::any_of(findings.begin(), findings.end(), [&](const fixes::Finding& one) {
        return one.cls == finding.cls && one.port == finding.port && one.software == finding.software;
    });
    if (!known) findings.push_back(std::move(finding));
}

json::object describe(const fixes::Section& section) {
    json::object object{{"kind", to_string(section.kind)}, {"heading", heading(section.kind)}};
    if (section.kind != fixes::SectionKind::change) {
        std::string text;
        for (const auto& line : section.lines) text += (text.empty() ? "" : "\n") + line;
        object["text"] = as_utf8(text);
        return object;
    }
    object["where"] = section.where;
    json::array lines;
    for (const auto& line : section.lines) {
        const auto [mark, text] = fixes::change_line(line);
        const std::string_view change = mark == '-' ? "old" : mark == '+' ? "new" : "same";
        lines.emplace_back(json::object{{"change", change}, {"text", text}});
    }
    object["lines"] = std::move(lines);
    return object;
}

} // namespace

std::vector<fixes::Finding> findings_of(const HostFacts& facts, const std::vector<CaseEvidence>& evidence) {
    std::vector<fixes::Finding> findings;
    if (!facts.host) return findings;
    const auto& host = *facts.host;
    const auto software_of = [&](std::uint16_t ordinal) {
        const auto item = std::find_if(evidence.begin(), evidence.end(),
                                       [&](const CaseEvidence& one) { return one.ordinal == ordinal; });
        return item != evidence.end() && !item->software.empty() ? item->software : host.software;
    };
    for (const auto& hole : host.holes) add(findings, {hole.cls, hole.port, software_of(hole.ordinal)});
    for (const auto& entry : host.manual) add(findings, {entry.cls, usual_port(entry.cls), host.software});
    if (findings.empty()) {
        for (const auto& item : evidence)
            add(findings, {item.cls, item.entry.port, item.software.empty() ? host.software : item.software});
    }
    return findings;
}

json::object describe(const fixes::Advice& advice) {
    const auto& guide = advice.guide;
    json::array sections;
    for (const auto& section : guide.sections) sections.emplace_back(describe(section));
    return {{"guide", guide.name},
            {"software", guide.software},
            {"language", guide.language},
            {"title", guide.title},
            {"classes", describe(guide.classes)},
            {"fits", advice.fits_software ? "software" : "class"},
            {"sections", std::move(sections)}};
}

namespace routes {

Response fix(const Context& context, const Address& address, const RequestTarget& target) {
    struct View {
        HostFacts facts;
        std::vector<CaseEvidence> evidence;
    };
    const auto now = context.clock.now();
    const auto view = context.store.read([&](const ReadTxn& txn) {
        View read{read_facts(txn, address, now), {}};
        if (read.facts.host && read.facts.host->case_id != 0)
            read.evidence = hosts::evidence(txn, address, read.facts.host->case_id, hosts::Texts::without);
        return read;
    });
    const auto given = [&](const char* name) {
        const auto found = target.query.find(name);
        return found == target.query.end() ? std::string{} : found->second;
    };
    const auto asked = given("software");
    const auto findings = findings_of(view.facts, view.evidence);
    if (findings.empty() && asked.empty())
        return problem(404, "not-found",
                       fmt::format("{} was never proven open: there is nothing to close; ask for a guide by its name "
                                   "with ?software=postfix",
                                   address.to_string()));
    const auto& library = fixes::Library::embedded();
    const auto advice = library.advise(address, findings, asked, given("language"));
    if (!advice) return problem(advice.error());
    json::array guides;
    for (const auto& one : *advice) guides.emplace_back(describe(one));
    ClassSet classes;
    json::array seen;
    for (const auto& finding : findings) {
        classes.insert(finding.cls);
        seen.emplace_back(json::object{{"class", to_string(finding.cls)},
                                       {"port", finding.port},
                                       {"software", as_utf8(redact(finding.software, context.mint))}});
    }
    json::array others;
    for (const auto& choice : library.choices(classes)) {
        const bool shown = std::any_of(advice->begin(), advice->end(),
                                       [&](const fixes::Advice& one) { return one.guide.name == choice.name; });
        if (!shown) others.emplace_back(json::object{{"guide", choice.name}, {"software", choice.software}});
    }
    return json_response({{"address", address.to_string()},
                          {"listed", view.facts.listed()},
                          {"seen", std::move(seen)},
                          {"guides", std::move(guides)},
                          {"others", std::move(others)}});
}

} // namespace routes
} // namespace provenbl::tools::api
