// The listing policy: pure functions of what is known, what was found, the rules and the time.
#pragma once

#include "store/ledger.hpp"
#include "verifier/settings.hpp"

#include <optional>
#include <string>

namespace provenbl::verifier {

// What a finished visit means for its host.
struct Decision {
    ledger::Finish finish;              // counters, next visit, and the outcome in one sentence
    std::optional<Clearance> clearance; // present: holes are closed by it
};

// `scan` is the visit with all its steps; `host` as it is in the store now.
// `jitter` puts the next rescan off a little (rescans.hpp).
[[nodiscard]] Decision decide(const Host& host, const Scan& scan, const PolicyRules& rules, Time now,
                              std::uint32_t jitter = 0);

// Visits in a row that must find every way refused before the host is delisted: more than one when it has flipped back.
[[nodiscard]] std::uint32_t clean_visits_needed(const Host& host, const PolicyRules& rules);

// Between an owner's requests for one host: rules.owner_spacing, doubled up to rules.owner_spacing_most by each request
// that found the host still open, so that nobody can have a stranger visited without end.
[[nodiscard]] Duration owner_spacing(const std::optional<Host>& host, const PolicyRules& rules);

// When the next request of an owner can be taken; in the past when it can now.
[[nodiscard]] Time owner_may_ask_at(const std::optional<Host>& host, const std::optional<Scan>& last_request,
                                    const PolicyRules& rules);

// May an owner's request be taken now? Error not_allowed says when the next one may come.
[[nodiscard]] Result<> owner_may_ask(const std::optional<Host>& host, const std::optional<Scan>& last_request,
                                     const PolicyRules& rules, Time now);

} // namespace provenbl::verifier
