#include "tools/letters/compose.hpp"

#include "store/sha256.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/fixes/library.hpp"
#include "tools/letters/mime.hpp"
#include "tools/letters/xarf.hpp"
#include "verifier/techniques/smtp_relay_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace provenbl::tools::letters {
namespace {

constexpr std::size_t longest_evidence = std::size_t{16} * 1024; // of one way
constexpr std::size_t most_evidence = 8;                         // ways of one host
constexpr std::size_t most_guides = 2;

std::string cut(std::string text) {
    if (text.size() <= longest_evidence) return text;
    text.resize(longest_evidence);
    return api::as_utf8(text) + "\n[the rest is on the page]\n";
}

std::string day_and_time(Time time) {
    auto text = to_string(time); // 2026-11-24T22:53:16Z
    if (text.size() < 20) return text;
    return text.substr(0, 10) + " " + text.substr(11, 8) + " UTC";
}

std::string without_carriage_returns(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
    return text;
}

std::string in_one_language(const LetterTemplate& words, const Draft& draft) {
    bool relay = false;
    bool proxy = false;
    std::string body = words.fill("opening", {{"contact", draft.contact}}) + "\n\n";
    for (const auto& host : draft.hosts) {
        // Many forms of one hole are one hole to its owner: the first proof of each class and port.
        std::set<std::pair<ListingClass, std::uint16_t>> told;
        for (const auto& way : host.evidence) {
            const auto cls = std::string{to_string(way.cls)};
            (way.cls == ListingClass::relay ? relay : proxy) = true;
            if (way.cls == ListingClass::chain) relay = true;
            if (told.size() == most_evidence || !told.emplace(way.cls, way.entry.port).second) continue;
            body += words.fill("finding", {{"address", host.address.to_string()},
                                           {"port", fmt::format("{}", way.entry.port)},
                                           {"what", words.fill("class-" + cls, {})},
                                           {"since", day_and_time(way.arrived)},
                                           {"page", host.page}}) +
                    "\n";
        }
    }
    body += "\n";
    const auto add = [&](std::string_view section, const LetterTemplate::Values& values = {}) {
        body += words.fill(section, values) + "\n\n";
    };
    if (relay) add("relay");
    if (proxy) add("proxy");
    add("effects");
    add("fix");
    if (proxy) add("questions");
    add("removal", {{"list", draft.author.list}});
    add("closing", {{"operator", draft.author.from},
                    {"optout", draft.opt_out_page.empty() ? draft.author.from : draft.opt_out_page}});
    return body;
}

std::string guides_of(const Draft& draft) {
    const auto& host = draft.hosts.front();
    std::vector<fixes::Finding> findings;
    for (const auto& way : host.evidence) findings.push_back({way.cls, way.entry.port, way.software});
    const auto advice = fixes::Library::embedded().advise(host.address, findings, {}, "en");
    if (!advice) return {};
    std::string text;
    std::size_t count = 0;
    for (const auto& one : *advice) {
        if (count++ == most_guides) break;
        text += one.guide.title + "\n";
        for (const auto& section : one.guide.sections) {
            text += fmt::format("\n{}{}{}\n", heading(section.kind), section.where.empty() ? "" : ": ", section.where);
            for (const auto& line : section.lines) text += line.empty() ? "\n" : fmt::format("  {}\n", line);
        }
        text += "\n";
    }
    return text;
}

// RFC 5965 section 3: one host is named, the number of incidents says that there may be more.
std::string feedback_report(const Draft& draft) {
    const auto& host = draft.hosts.front();
    std::string text = "Content-Type: message/feedback-report\r\nContent-Transfer-Encoding: 7bit\r\n\r\n";
    text += mime::raw_header("Feedback-Type", "other");
    text += mime::raw_header("User-Agent", "provenbl");
    text += mime::raw_header("Version", "1");
    text += mime::raw_header("Source-IP", host.address.to_string());
    text += mime::raw_header("Arrival-Date", verifier::techniques::mail_date(host.evidence.front().arrived));
    if (draft.hosts.size() > 1) text += mime::raw_header("Incidents", fmt::format("{}", draft.hosts.size()));
    return text;
}

std::string evidence_message(const Draft& draft) {
    std::string all;
    for (const auto& host : draft.hosts) all += evidence_text(host) + "\n";
    return "Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=\"evidence.eml\"\r\n\r\n" +
           mime::raw_header("From", fmt::format("<{}>", draft.author.from)) +
           mime::raw_header("Date", verifier::techniques::mail_date(draft.now)) +
           mime::raw_header("Subject",
                            fmt::format("Evidence of what was proven of {}", draft.hosts.front().address.to_string())) +
           "MIME-Version: 1.0\r\n" + mime::text_part(all);
}

std::string boundary(const Draft& draft, std::string_view of) {
    Sha256 hash;
    hash.update(draft.message_id);
    hash.update(of);
    return "=_" + hash.hex().substr(0, 32);
}

} // namespace

std::string message_id(const Address& host, std::uint64_t case_id, std::size_t attempt, const std::string& domain) {
    auto name = host.to_string();
    std::replace(name.begin(), name.end(), ':', '-');
    return fmt::format("<letter.{}.{}.{}@{}>", name, case_id, attempt, domain);
}

std::string subject(const LetterTemplates& templates, const Draft& draft) {
    const auto& words = templates.in(draft.language);
    return draft.hosts.size() == 1 ? words.fill("subject", {{"address", draft.hosts.front().address.to_string()}})
                                   : words.fill("subject-many", {{"count", fmt::format("{}", draft.hosts.size())}});
}

std::string text(const LetterTemplates& templates, const Draft& draft) {
    const auto& words = templates.in(draft.language);
    constexpr std::string_view line = "----------------------------------------------------------------------\n\n";
    auto whole = in_one_language(words, draft);
    if (words.language() != "en") whole += std::string{line} + in_one_language(templates.in("en"), draft);
    if (const auto guides = guides_of(draft); !guides.empty())
        whole += std::string{line} + words.fill("technical", {}) + "\n\n" + guides;
    while (whole.ends_with("\n\n")) whole.pop_back();
    return whole;
}

std::string evidence_text(const ListedHost& host) {
    std::string all;
    std::size_t count = 0;
    for (const auto& way : host.evidence) {
        if (count++ == most_evidence) {
            all += fmt::format("... and {} more ways; see {}\n", host.evidence.size() - most_evidence, host.page);
            break;
        }
        all += fmt::format("{} port {}: {} ({})\nSent {}, arrived {} at our port {} from {}.\n",
                           way.entry.address.to_string(), way.entry.port, way.technique, to_string(way.cls),
                           to_string(way.sent), to_string(way.arrived), way.sink_port, way.exit.to_string());
        if (!way.repeat.empty()) all += fmt::format("To repeat the test: {}\n", api::as_utf8(way.repeat));
        if (!way.transcript.empty())
            all += "\nThe conversation:\n" + cut(without_carriage_returns(api::as_utf8(way.transcript))) + "\n";
        if (!way.message.empty())
            all += "\nWhat arrived:\n" + cut(without_carriage_returns(api::as_utf8(way.message))) + "\n";
        all += "\n";
    }
    return all;
}

std::string message(const LetterTemplates& templates, const Draft& draft) {
    std::vector<std::string> first{mime::text_part(text(templates, draft))};
    std::size_t number = 0;
    for (const auto& host : draft.hosts) {
        ++number;
        first.push_back(mime::attachment("application/json",
                                         number == 1 ? "xarf.json" : fmt::format("xarf-{}.json", number),
                                         boost::json::serialize(xarf_report(draft, host, number)) + "\n"));
    }
    std::string whole;
    // A display name is a phrase: encoded words, or a quoted string (RFC 5322 3.2.5).
    auto name = draft.author.organization.empty() ? draft.author.list : draft.author.organization;
    const bool ascii =
        std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (ascii) {
        std::erase_if(name, [](char c) { return c == '"' || c == '\\' || c < ' ' || c == '\x7f'; });
        whole += mime::raw_header("From", fmt::format("\"{}\" <{}>", name, draft.author.from));
    } else {
        auto words = mime::header("From", name);
        words.resize(words.size() - 2);
        whole += words + fmt::format("\r\n <{}>\r\n", draft.author.from);
    }
    whole += mime::raw_header("To", fmt::format("<{}>", draft.contact));
    whole += mime::header("Subject", subject(templates, draft));
    whole += mime::raw_header("Date", verifier::techniques::mail_date(draft.now));
    whole += mime::raw_header("Message-ID", draft.message_id);
    whole += "Auto-Submitted: auto-generated\r\n"; // RFC 3834
    if (!draft.opt_out_post.empty()) {
        whole += mime::raw_header("List-Unsubscribe", fmt::format("<{}>", draft.opt_out_post)); // RFC 2369, RFC 8058
        whole += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    }
    whole += "MIME-Version: 1.0\r\n";
    whole += mime::multipart("multipart/report; report-type=feedback-report", boundary(draft, "report"),
                             {mime::multipart("multipart/mixed", boundary(draft, "mixed"), first),
                              feedback_report(draft), evidence_message(draft)});
    return whole;
}

} // namespace provenbl::tools::letters
