#include "verifier/carried_steps.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::verifier {
namespace {

bool speaks_of(const ScanStep& step, const Hole& hole) {
    return step.technique == hole.technique && step.target == hole.entry && step.port == hole.port;
}

bool proven_now(const Host& host, const Scan& scan, const ScanStep& step) {
    return std::any_of(host.holes.begin(), host.holes.end(),
                       [&](const Hole& hole) { return speaks_of(step, hole) && hole.last_proven >= scan.started; });
}

// The further on, the less closed.
int openness(Verdict verdict) {
    switch (verdict) {
    case Verdict::refused:
        return 0;
    case Verdict::closed_port:
        return 1;
    case Verdict::unreachable:
        return 2;
    case Verdict::inconclusive:
        return 3;
    case Verdict::open:
        return 4;
    }
    return 3;
}

// Who could not get there has seen nothing that speaks against what we saw: many a network lets nobody out to port 25.
bool got_there(const ScanStep* step) {
    return step != nullptr && step->verdict != Verdict::unreachable && step->verdict != Verdict::closed_port;
}

// An open step decides, otherwise the last one, and trouble of our own says nothing: as the policy reads them.
const ScanStep* last_word(const Hole& hole, const std::vector<ScanStep>& steps) {
    const ScanStep* last = nullptr;
    for (const auto& step : steps) {
        if (!speaks_of(step, hole) || step.detail.starts_with("not tried:")) continue;
        if (step.verdict == Verdict::open) return &step;
        last = &step;
    }
    return last;
}

} // namespace

ScanStep weigh(const Host& host, const Scan& scan, ScanStep claimed, std::string_view worker) {
    if (claimed.verdict != Verdict::open || proven_now(host, scan, claimed)) return claimed;
    claimed.verdict = Verdict::inconclusive;
    claimed.detail =
        fmt::format("the worker {} found it open, which proves nothing by itself: {}", worker, claimed.detail);
    return claimed;
}

std::vector<Claim> to_look_at(const Host& host, const Scan& scan, const std::vector<ScanStep>& claimed,
                              const std::vector<Claim>& held, bool agreement) {
    std::vector<Claim> all;
    const auto add = [&](Claim claim) {
        if (all.size() < most_claims && std::find(all.begin(), all.end(), claim) == all.end())
            all.push_back(std::move(claim));
    };
    for (const auto& hole : host.holes) {
        // The exit of a chain is looked at through its entry, by the technique that proved it.
        if (agreement && hole.last_proven < scan.started) add({hole.technique, {hole.entry, hole.port}});
    }
    for (const auto& claim : held) add(claim);
    for (const auto& step : claimed)
        if (step.verdict == Verdict::open && !proven_now(host, scan, step))
            add({step.technique, {step.target, step.port}});
    return all;
}

std::vector<ScanStep> settle(const Host& host, const std::vector<ScanStep>& theirs, const std::vector<ScanStep>& ours,
                             std::string_view worker, Time at) {
    std::vector<ScanStep> added;
    for (const auto& hole : host.holes) {
        const auto* their = last_word(hole, theirs);
        const auto* our = last_word(hole, ours);
        if (our != nullptr && our->verdict == Verdict::open) continue;
        ScanStep step{at, hole.technique, hole.entry, hole.port, Verdict::inconclusive, ""};
        if (our == nullptr && their == nullptr) continue; // not tried at all, which the policy sees
        if (our == nullptr) {
            step.detail = fmt::format("only one of two networks could try it: {}", their->detail);
        } else if (!got_there(their)) {
            continue; // our own visits are proof by themselves
        } else if (openness(their->verdict) > openness(our->verdict)) {
            step.verdict = their->verdict == Verdict::open ? Verdict::inconclusive : their->verdict;
            step.detail = fmt::format("two networks do not agree; the worker {}: {}", worker, their->detail);
        } else {
            continue;
        }
        added.push_back(std::move(step));
    }
    return added;
}

} // namespace provenbl::verifier
