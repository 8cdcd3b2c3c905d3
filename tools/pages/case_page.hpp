// The page about one address, to which TXT records point: whether it is listed, what was proven and how, how to close
// it, and the button that brings a visit at once. The same page says that it was delisted, or never listed.
//
// Complete without scripts. What a suspect said comes here redacted (tools/api/redaction.hpp) and leaves escaped.
// However much was said, the page stays below 100 KiB: texts are cut, and the whole is a link away. Pure.
#pragma once

#include "tools/api/describe.hpp"
#include "tools/api/timeline.hpp"
#include "tools/api/why.hpp"
#include "tools/fixes/library.hpp"
#include "tools/pages/page.hpp"

#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools::pages {

inline constexpr std::size_t shown_holes = 8;
inline constexpr std::size_t shown_of_text = std::size_t{6} * 1024; // bytes of markup of one conversation or mail

// What mail servers see of the address in one zone.
struct ZoneAnswer {
    std::string name; // "8.7.6.5.bl.example"
    std::vector<std::string> codes;
    std::string text; // TXT; empty where it is not listed
    std::uint32_t ttl = 0;
    std::uint32_t negative_ttl = 0;
};

struct CaseView {
    api::HostFacts facts; // as everybody may see them
    api::Why why;
    std::string refusal;                // why it is never probed; empty when it may be
    std::vector<CaseEvidence> evidence; // of the holes that are shown; redacted, and cut
    std::string software;               // what seems to run there; redacted
    std::vector<fixes::Advice> advice;
    std::vector<ZoneAnswer> zones;
    bool test_entry = false;
    std::vector<api::LifeLine> history; // redacted, the oldest first
    bool history_cut = false;
    std::optional<Scan> visit; // that is shown, followed while it is not over; redacted
    bool receipts = false;     // are they given
    verifier::PolicyRules rules;
    std::string notice; // what came of the last click, when nothing did
};

[[nodiscard]] Page case_page(const CaseView& view);

// Is it worth to wait for: it runs, or an owner asked for it and it is due within a minute.
[[nodiscard]] bool is_live(const Scan& visit, Time now);

} // namespace provenbl::tools::pages
