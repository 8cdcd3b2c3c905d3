// The page about one address: what of the store it shows, and what its button does.
#include "store/hosts.hpp"
#include "store/reversed_name.hpp"
#include "tools/api/describe.hpp"
#include "tools/api/fix.hpp"
#include "tools/api/page_routes.hpp"
#include "tools/api/public_view.hpp"
#include "tools/api/redaction.hpp"
#include "tools/api/router.hpp"
#include "tools/pages/case_page.hpp"
#include "zones/text_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace provenbl::tools::api::routes {
namespace {

// Of a text that may be of any length a page shows only the front (tools/pages/case_evidence.cpp), and tokens shrink to
// a sixth when they are redacted.
constexpr std::size_t read_of_text = 8 * pages::shown_of_text;

std::vector<pages::ZoneAnswer> answers_of(const HostFacts& facts, const Context& context) {
    std::vector<pages::ZoneAnswer> answers;
    const auto address = facts.address.to_string();
    for (const auto& zone : context.configuration.zones.zones) {
        pages::ZoneAnswer answer{fmt::format("{}.{}", reversed_name(facts.address), zone.apex),
                                 {},
                                 {},
                                 zone.ttl,
                                 std::min(zone.soa.negative_ttl, zone.soa.ttl)};
        for (const auto& code : zones::a_values(zone, facts.address, facts.classes()))
            answer.codes.push_back(code.to_string());
        const auto shown = facts.classes() & zone.classes;
        const auto text = zones::TextTemplate::parse(zone.txt, zone.page);
        if (!shown.empty() && text) {
            std::array<std::uint8_t, zones::TextTemplate::longest_text> bytes{};
            const auto size = text->render(address, shown, bytes);
            answer.text.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        }
        answers.push_back(std::move(answer));
    }
    return answers;
}

std::optional<std::uint64_t> number_of(const RequestTarget& target, const char* name) {
    const auto found = target.query.find(name);
    if (found == target.query.end()) return std::nullopt;
    std::uint64_t number = 0;
    const auto& text = found->second;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

void redact_visit(Scan& visit, const verifier::TokenMint& mint) {
    visit.outcome = redact(visit.outcome, mint);
    for (auto& step : visit.steps) step.detail = redact(step.detail, mint);
}

// A page shows the first holes, and what proved them.
bool is_shown(const Host& host, const CaseEvidence& item) {
    const auto end = host.holes.begin() + static_cast<std::ptrdiff_t>(std::min(host.holes.size(), pages::shown_holes));
    return std::any_of(host.holes.begin(), end, [&](const Hole& hole) { return hole.ordinal == item.ordinal; });
}

pages::CaseView read_view(const Context& context, const Address& address, std::optional<std::uint64_t> asked) {
    struct Read {
        WhyFacts why;
        std::vector<CaseEvidence> evidence;
        Life life;
        std::optional<Scan> visit;
    };
    const auto now = context.clock.now();
    auto read = context.store.read([&](const ReadTxn& txn) {
        Read all{read_why_facts(txn, address, now), {}, read_life(txn, address, now), {}};
        const auto& facts = all.why.host;
        if (facts.listed() && facts.host->case_id != 0)
            all.evidence = hosts::evidence(txn, address, facts.host->case_id);
        if (asked) all.visit = hosts::scan(txn, address, *asked);
        return all;
    });
    pages::CaseView view;
    view.why = why(read.why, context.configuration.verifier.policy);
    view.facts = seen_by(Reader::everybody, std::move(read.why.host));
    view.why.reason = redact(view.why.reason, context.mint);
    view.why.way_out = redact(view.why.way_out, context.mint);
    if (const auto allowed = context.gate.check(address); !allowed) view.refusal = allowed.error().message;
    if (view.facts.listed()) {
        if (const auto advice =
                fixes::Library::embedded().advise(address, findings_of(view.facts, read.evidence), {}, "en"))
            view.advice = *advice;
    }
    for (auto& item : read.evidence) {
        if (!is_shown(*view.facts.host, item)) continue;
        const auto front = [](std::string& text) {
            const auto size = front_of(text, read_of_text).size();
            if (size == text.size()) return;
            text.resize(size);
            text += "\n[cut here]";
        };
        front(item.transcript);
        front(item.message);
        view.evidence.push_back(redact(std::move(item), context.mint));
    }
    if (view.facts.host) view.software = redact(view.facts.host->software, context.mint);
    view.zones = answers_of(view.facts, context);
    view.test_entry = is_test_entry(address, context);
    view.history = timeline(read.life, Reader::everybody);
    for (auto& line : view.history) line.cause = redact(line.cause, context.mint);
    view.history_cut = read.life.cut;
    // The one that can be watched; else the one that was asked for; else the last.
    const auto& next = view.facts.next_visit;
    if (next && pages::is_live(*next, now))
        view.visit = next;
    else if (read.visit)
        view.visit = seen_by(Reader::everybody, std::move(*read.visit));
    else
        view.visit = view.facts.last_visit ? view.facts.last_visit : next;
    if (view.visit) redact_visit(*view.visit, context.mint);
    view.receipts = context.signer != nullptr;
    view.rules = context.configuration.verifier.policy;
    return view;
}

} // namespace

Response case_page(const Context& context, const Address& address, const RequestTarget& target) {
    return html_response(context, pages::case_page(read_view(context, address, number_of(target, "visit"))));
}

Answer rescan_by_button(const Context& context, const Request& request, const Address& address) {
    auto asked = request;
    asked.accept = "application/json";
    auto answer = rescan(context, asked, address);
    const auto show = [&context, address](const Response& done) {
        if (done.status == 202) {
            const auto number = boost::json::parse(done.body).at("scan").to_number<std::uint64_t>();
            Response back;
            back.status = 303;
            back.headers.emplace_back(
                "Location", fmt::format("/{}?visit={}#live-scan", encode_segment(address.to_string()), number));
            return back;
        }
        auto view = read_view(context, address, std::nullopt);
        view.notice = boost::json::parse(done.body).at("detail").as_string().c_str();
        auto page = html_response(context, pages::case_page(view), done.status);
        for (const auto& header : done.headers) page.headers.push_back(header);
        return page;
    };
    return shown(std::move(answer), show);
}

} // namespace provenbl::tools::api::routes
