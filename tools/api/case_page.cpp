#include "tools/api/case_page.hpp"

#include "store/reversed_name.hpp"
#include "tools/api/fix.hpp"
#include "tools/api/redaction.hpp"
#include "tools/api/request_target.hpp"
#include "tools/api/span_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::api {
namespace {

constexpr std::string_view style = "body{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em}"
                                   "pre{background:#f2f2f2;padding:.8em;overflow:auto;white-space:pre-wrap}"
                                   "td,th{text-align:left;padding:.2em 1em .2em 0;vertical-align:top}";

std::string when(Time time) {
    return fmt::format("<time>{}</time>", to_string(time));
}

// A time of a visit; of one that a report asked for the public knows the day (public_view.hpp).
std::string when(const Scan& visit, Time time) {
    return visit.kind == ScanKind::report ? fmt::format("<time>{}</time>", to_string(time).substr(0, 10)) : when(time);
}

std::string verdict_part(const HostFacts& facts) {
    if (facts.listed()) {
        return fmt::format("<p><strong>{} is listed</strong> ({}) since {}.</p>\n",
                           escape_html(facts.address.to_string()), escape_html(to_string(facts.classes())),
                           when(facts.host->listed_since));
    }
    auto text = fmt::format("<p><strong>{} is not listed.</strong></p>\n", escape_html(facts.address.to_string()));
    if (facts.host && facts.host->delisted_at != Time{})
        text += fmt::format("<p>It was delisted at {}. Caches may remember the listing for some minutes.</p>\n",
                            when(facts.host->delisted_at));
    return text;
}

std::string zones_part(const HostFacts& facts, const Context& context) {
    if (facts.shut_down)
        return "<h2>In DNS</h2>\n<p>The list is shut down: nothing of this is in DNS, whatever is listed.</p>\n";
    std::string rows;
    for (const auto& zone : context.configuration.zones.zones) {
        std::string codes;
        for (const auto& code : zones::a_values(zone, facts.address, facts.classes()))
            codes += (codes.empty() ? "" : ", ") + code.to_string();
        rows +=
            fmt::format("<tr><td><code>{}.{}</code></td><td>{}</td></tr>\n", escape_html(reversed_name(facts.address)),
                        escape_html(zone.apex), codes.empty() ? "not listed" : escape_html(codes));
    }
    if (rows.empty()) return rows;
    const std::string_view test = is_test_entry(facts.address, context)
                                      ? "<p>It is a test entry of RFC 5782: always in DNS, whatever is listed.</p>\n"
                                      : "";
    return fmt::format("<h2>In DNS</h2>\n{}<table>\n{}</table>\n", test, rows);
}

std::string evidence_part(const HostFacts& facts, const std::vector<CaseEvidence>& evidence, const Context& context) {
    if (!facts.listed()) return {};
    std::string text = "<h2>What was proven</h2>\n";
    for (const auto& hole : facts.host->holes) {
        text +=
            fmt::format("<h3><code>{}</code> at {} port {}</h3>\n<p>{}</p>\n<p>First proven {}, last proven {}.</p>\n",
                        escape_html(hole.technique), escape_html(hole.entry.to_string()), hole.port,
                        escape_html(explain(hole)), when(hole.first_proven), when(hole.last_proven));
        for (const auto& item : evidence) {
            if (item.ordinal != hole.ordinal) continue;
            const auto open = redact(item, context.mint);
            text += fmt::format("<p>Sent {}, arrived {} at our port {} from {}.</p>\n", when(open.sent),
                                when(open.arrived), open.sink_port, escape_html(open.exit.to_string()));
            text += fmt::format("<details><summary>The conversation</summary><pre>{}</pre></details>\n",
                                escape_html(open.transcript));
            if (!open.message.empty())
                text += fmt::format("<details><summary>What arrived</summary><pre>{}</pre></details>\n",
                                    escape_html(open.message));
            if (!open.repeat.empty())
                text += fmt::format("<p>To repeat the test: <code>{}</code></p>\n", escape_html(open.repeat));
        }
    }
    if (!facts.host->software.empty())
        text += fmt::format("<p>It seems to run {}.</p>\n", escape_html(redact(facts.host->software, context.mint)));
    return text;
}

// How long it takes, by the rules that decide it (verifier/policy.cpp).
std::string rules_part(const verifier::PolicyRules& rules) {
    return fmt::format(
        "<ul>\n<li>It refuses what it used to allow: the listing ends with the visit, within seconds.</li>\n"
        "<li>Its ports are closed: after {0} visits in a row, {1} apart; ask, and they follow by themselves.</li>\n"
        "<li>A firewall drops our packets: after {0} visits in a row, {2} apart, for silence may be an outage. "
        "Refusing is faster than dropping.</li>\n"
        "<li>It takes what we send, but nothing arrives: after {7} visits in a row, {8} apart.</li>\n"
        "<li>It was listed again within {3} of a delisting: after {4} clean visits in a row, {5} apart.</li>\n"
        "<li>Nobody can reach it for {6}: the listing expires.</li>\n</ul>\n",
        rules.silent_scans, in_words(rules.closed_port_spacing), in_words(rules.silent_spacing),
        in_words(rules.flip_window), rules.flip_clean_scans, in_words(rules.flip_spacing),
        in_words(rules.unreachable_expiry), rules.inconclusive_scans, in_words(rules.rescan_interval));
}

// What it is: a listing without proof; and what it covers.
std::string manual_part(const HostFacts& facts) {
    std::string text;
    if (!facts.host) return text;
    if (facts.listed() && facts.covers.length() < facts.address.bits())
        text += fmt::format("<p>IPv6 is listed by network here: the listing is one of all of {}.</p>\n",
                            escape_html(facts.covers.to_string()));
    for (const auto& entry : facts.host->manual)
        text += fmt::format("<p>Listed as {} by hand, <strong>without proof</strong>, since {} and until {}: {}</p>\n",
                            to_string(entry.cls), when(entry.since), when(entry.until), escape_html(entry.reason));
    return text;
}

std::string way_out_part(const HostFacts& facts, std::string_view refusal, const Context& context) {
    if (!refusal.empty()) return fmt::format("<p>{}.</p>\n", escape_html(refusal));
    if (!facts.listed()) return {};
    if (facts.host->holes.empty()) {
        const auto last = std::max_element(facts.host->manual.begin(), facts.host->manual.end(),
                                           [](const auto& a, const auto& b) { return a.until < b.until; });
        return fmt::format("<h2>How to be removed</h2>\n<p>No visit can end what no visit has proven: the listing ends "
                           "by itself at {}, or when the operator takes it back.</p>\n",
                           when(last->until));
    }
    return fmt::format(
        "<h2>How to be removed</h2>\n<p>Close what is described above: accept mail for others, or connections to "
        "others, "
        "only from networks or users that you know. Then ask for a look at once. No proof of identity is needed and "
        "nothing is charged. How soon the listing ends depends on what the visits find:</p>\n{}"
        "<form method=\"post\" action=\"/v1/hosts/{}/rescan\"><button>Look again now</button></form>\n",
        rules_part(context.configuration.verifier.policy), encode_segment(facts.address.to_string()));
}

std::string visits_part(const HostFacts& facts, const Context& context) {
    std::string text;
    if (facts.last_visit) {
        text += fmt::format("<p>Last visit {}: {}</p>\n", when(*facts.last_visit, facts.last_visit->finished),
                            escape_html(redact(facts.last_visit->outcome, context.mint)));
    }
    if (facts.next_visit) {
        text += facts.next_visit->state == ScanState::running
                    ? std::string{"<p>A visit is under way: load this page again in a moment.</p>\n"}
                    : fmt::format("<p>Next visit {}.</p>\n", when(*facts.next_visit, facts.next_visit->due));
    }
    return text.empty() ? text : "<h2>Visits</h2>\n" + text;
}

} // namespace

std::string escape_html(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        case '\'':
            escaped += "&#39;";
            break;
        default: {
            const auto byte = static_cast<unsigned char>(c);
            // Bytes of unknown character sets and controls are shown as numbers.
            if ((byte < 0x20 && c != '\n' && c != '\t' && c != '\r') || byte >= 0x7f)
                escaped += fmt::format("\\x{:02x}", byte);
            else
                escaped += c;
        }
        }
    }
    return escaped;
}

Response case_page(const HostFacts& facts, const std::vector<CaseEvidence>& evidence, std::string_view refusal,
                   const Context& context) {
    const auto address = escape_html(facts.address.to_string());
    const auto& identity = context.configuration.verifier.identity;
    Response response;
    response.content_type = "text/html; charset=utf-8";
    response.headers = {
        {"Content-Security-Policy",
         "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
        {"Referrer-Policy", "no-referrer"}};
    response.body =
        fmt::format("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>"
                    "<meta name=\"viewport\" content=\"width=device-width\"><style>{1}</style></head>\n<body>\n"
                    "<h1>{0}</h1>\n{2}{3}{4}{5}{6}{7}{8}",
                    address, style, verdict_part(facts), manual_part(facts), evidence_part(facts, evidence, context),
                    fix_part(facts, evidence), way_out_part(facts, refusal, context), visits_part(facts, context),
                    zones_part(facts, context));
    if (!facts.host || facts.host->manual.empty())
        response.body += "<p>Every listing here is proven: a secret that we sent through the host came back to us.";
    else
        response.body += "<p>What is not entered by hand is proven: a secret that we sent through the host came back.";
    response.body += fmt::format(" How {0} stands now, <a href=\"/v1/hosts/{1}/receipt\">signed</a>; with "
                                 "<code>?at=TIME</code> behind it, how it stood then.",
                                 address, encode_segment(facts.address.to_string()));
    if (!identity.page.empty())
        response.body += fmt::format(" <a href=\"{}\">About our probes</a>.", escape_html(identity.page));
    if (!identity.contact.empty()) response.body += fmt::format(" Contact: {}.", escape_html(identity.contact));
    response.body += "</p>\n</body></html>\n";
    return response;
}

} // namespace provenbl::tools::api
