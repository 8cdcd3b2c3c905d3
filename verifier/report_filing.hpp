// The one way into the store for a report, whoever brings it (API, mail, trap): limits, shutdown, gate, the rules of
// report_rules.hpp, then the report with its visit. Called inside the writer's transaction.
#pragma once

#include "store/entropy.hpp"
#include "store/records.hpp"
#include "store/store.hpp"
#include "verifier/gate.hpp"
#include "verifier/report_rules.hpp"
#include "verifier/settings.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::verifier {

// How the report came.
struct ReportWay {
    enum class Kind : std::uint8_t {
        key,  // from the reporter himself, by his key, or from those without one
        mail, // from whoever writes to one of our addresses, which anybody can do, in anybody's name
        trap, // from this program itself
    };
    Kind kind = Kind::key;
    // mail: the reporters of all our addresses. Whoever writes to one can write to each, so they are one voice.
    std::vector<std::string> one_voice;
};

struct FiledReport {
    Report report;
    ReportDecision decision;
    std::optional<Time> next; // after an error: when the reporter's limits leave room again
};

// `reporter` as the store has it; the operator's has no limits and no record. Errors: not_allowed (a limit, with
// `next`; a shutdown; the gate; a standing that is worth nothing; of mail and traps, too many open reports of the
// host), busy (the same, by a key), what the store says.
//
// Mail never counts as a trap's, is never worth less than `low` (any stranger could spoil an address for the others),
// and agrees with no other mail. Of mail and traps, what is said again of a host is not counted against the limits.
Result<> file_report(WriteTxn& txn, const Gate& gate, const PolicyRules& rules, const Reporter& reporter, Report report,
                     FiledReport& filed, const ReportWay& way = {});

// A reporter that is a part of this program: a mail address, our traps. It has limits, a standing and a name like any
// other, and `provenbl reporter` changes them, but nobody has its key.
struct OwnReporter {
    std::string name;
    std::string note;
    bool trap = false;
    std::uint32_t per_hour = 600; // when it is made
    std::uint32_t per_day = 5000;
};
using NoKey = std::array<std::uint8_t, 32>; // random bytes in the place of a key's hash

[[nodiscard]] NoKey no_key(Entropy& entropy);
// Finds or makes it. Errors: not_allowed (revoked: nothing more is taken from it), invalid (the name), limit.
Result<Reporter> own_reporter(WriteTxn& txn, const OwnReporter& who, const NoKey& key);

} // namespace provenbl::verifier
