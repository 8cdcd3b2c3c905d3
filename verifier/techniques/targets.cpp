// The details of all attempts stand side by side, so that a person sees which port was refused how.
#include "verifier/techniques/targets.hpp"

#include "verifier/techniques/verdicts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace provenbl::verifier::techniques {

namespace {

// What one target has shown of the host is not undone by another.
Hint stronger(Hint a, Hint b) {
    if (b == Hint::unwelcome) return b;
    return a == Hint::promising || b == Hint::none ? a : b;
}

// By address, in their order; then by the name, each port once.
std::vector<Target> targets_of(const ProbeSettings& settings, Fits fits, AskBy by) {
    std::vector<Target> targets;
    for (const auto& sink : settings.callback_targets)
        if (fits(sink)) targets.push_back({sink});
    if (by == AskBy::address || settings.callback_name.empty()) return targets;
    std::vector<std::uint16_t> ports;
    for (const auto& sink : settings.callback_targets) {
        const auto& named = settings.callback_named;
        if (!fits(sink) || std::find(named.begin(), named.end(), sink.address) == named.end()) continue;
        if (std::find(ports.begin(), ports.end(), sink.port) != ports.end()) continue;
        ports.push_back(sink.port);
        targets.push_back({sink, settings.callback_name});
    }
    return targets;
}

} // namespace

std::string Target::to_string() const {
    return name.empty() ? sink.to_string() : fmt::format("{}:{}", name, sink.port);
}

Awaitable<ProbeResult> try_targets(ProbeContext& context, const Technique& technique, Fits fits, TryTarget attempt,
                                   AskBy by) {
    static constexpr std::size_t detail_limit = 600;
    std::optional<ProbeResult> best;
    std::string details;
    Hint hint = Hint::none;
    const auto targets = targets_of(context.settings(), fits, by);
    for (const auto& target : targets) {
        // Granted and silent, or no proxy at all: a name would fare no better.
        if (!target.name.empty() && hint != Hint::promising && !context.settings().thorough) break;
        Attempt made = co_await attempt(context, technique, target);
        hint = stronger(hint, made.result.hint);
        made.result.hint = hint;
        if (made.result.verdict == Verdict::open) co_return made.result;
        if (made.result.detail.starts_with(not_tried)) co_return made.result; // says nothing of the host
        if (details.size() < detail_limit)
            details += fmt::format("{}port {}{}: {}", details.empty() ? "" : "; ", target.sink.port,
                                   target.name.empty() ? "" : " by name", made.result.detail);
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
