// The details of all attempts stand side by side, so that a person sees which port was refused how.
#include "verifier/techniques/targets.hpp"

#include "verifier/techniques/verdicts.hpp"

#include <fmt/format.h>

#include <optional>

namespace provenbl::verifier::techniques {

namespace {

// What one target has shown of the host is not undone by another.
Hint stronger(Hint a, Hint b) {
    if (b == Hint::unwelcome) return b;
    return a == Hint::promising || b == Hint::none ? a : b;
}

} // namespace

Awaitable<ProbeResult> try_targets(ProbeContext& context, const Technique& technique, Fits fits, TryTarget attempt) {
    static constexpr std::size_t detail_limit = 600;
    std::optional<ProbeResult> best;
    std::string details;
    Hint hint = Hint::none;
    for (const auto& target : context.settings().callback_targets) {
        if (!fits(target)) continue;
        Attempt made = co_await attempt(context, technique, target);
        hint = stronger(hint, made.result.hint);
        made.result.hint = hint;
        if (made.result.verdict == Verdict::open) co_return made.result;
        if (made.result.detail.starts_with(not_tried)) co_return made.result; // says nothing of the host
        if (details.size() < detail_limit)
            details += fmt::format("{}port {}: {}", details.empty() ? "" : "; ", target.port, made.result.detail);
        // What holds for every port is said without one.
        if (!best && made.final) co_return made.result;
        if (!best || outranks(made.result.verdict, best->verdict)) best = made.result;
        if (made.final) break;
    }
    if (!best) co_return judge_own_trouble({Errc::not_found, "none of our callback sinks can be asked for this way"});
    best->detail = details;
    best->hint = hint;
    co_return *best;
}

} // namespace provenbl::verifier::techniques
