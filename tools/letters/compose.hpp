// A letter, from what was proven to the message as it is sent: multipart/report with a feedback report (RFC 5965).
//
//   multipart/report; report-type=feedback-report
//     multipart/mixed                    1: for people, complete in itself
//       text/plain
//       application/json xarf.json       one XARF report for each host
//     message/feedback-report            2: for programs
//     message/rfc822                     3: the evidence, redacted
//
// Pure: everything that a suspect said has passed redaction before it comes here.
#pragma once

#include "store/records.hpp"
#include "tools/letters/letter_template.hpp"

#include <string>
#include <vector>

namespace provenbl::tools::letters {

struct ListedHost {
    Address address;
    std::uint64_t case_id = 0;
    std::vector<CaseEvidence> evidence; // redacted; one for each way, at least one
    std::string page;                   // URL
};

struct Author {
    std::string from;         // where answers go
    std::string organization; // in words
    std::string domain;       // of message ids, and of the reporter in XARF
    std::string list;         // the zone
};

struct Draft {
    Author author;
    std::string contact;
    std::string language;
    std::string opt_out_page; // URL; empty where there is no public page: then people answer by mail
    std::string opt_out_post; // URL for RFC 8058; may be empty
    std::string message_id;   // with its angle brackets
    std::vector<ListedHost> hosts;
    Time now{};
};

// The same for ever for a host and a case; `attempt` counts the contacts that were tried.
[[nodiscard]] std::string message_id(const Address& host, std::uint64_t case_id, std::size_t attempt,
                                     const std::string& domain);

[[nodiscard]] std::string subject(const LetterTemplates& templates, const Draft& draft);
// The text for people: in the draft's language, then in English where that is another, then the guide.
[[nodiscard]] std::string text(const LetterTemplates& templates, const Draft& draft);
// The evidence as text, bounded.
[[nodiscard]] std::string evidence_text(const ListedHost& host);
// The whole message, with CRLF line ends; no line is longer than 998 (RFC 5322 2.1.1).
[[nodiscard]] std::string message(const LetterTemplates& templates, const Draft& draft);

} // namespace provenbl::tools::letters
