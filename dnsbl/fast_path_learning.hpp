// Asks the responder what it says, so that the hot path can say the same: samples of every kind of answer of one zone.
#pragma once

#include "dnsbl/answer_template.hpp"
#include "dnsbl/responder.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace provenbl::dnsbl {

inline constexpr std::size_t opt_size = 11; // an OPT without options
using PlainOpt = std::array<std::uint8_t, opt_size>;

struct ZoneTemplates {
    AnswerTemplate nothing;                // NXDOMAIN
    AnswerTemplate no_data;                // an entry has no such type
    std::vector<AnswerTemplate> addresses; // A, by class set; only for sets of the zone's classes
    AnswerTemplate text;                   // TXT: all of the record in front of RDLENGTH
    PlainOpt opt{};                        // what follows when there was one in the question, DO not set
};

// Nothing when the zone's answers don't follow the patterns (too long for plain UDP, refused).
[[nodiscard]] std::optional<ZoneTemplates> learn_templates(const Responder& responder, const zones::Zone& zone);

// For a proof: questions of the kinds that the templates are for, for addresses that are listed and others, and the
// snapshots to ask them with.
struct SampleQuestion {
    std::vector<std::uint8_t> message;
    zones::Snapshot snapshot;
};
[[nodiscard]] std::vector<SampleQuestion> sample_questions(const zones::Zone& zone);

} // namespace provenbl::dnsbl
