#include "verifier/carried_visits.hpp"

#include "store/log.hpp"
#include "verifier/carried_steps.hpp"

#include <utility>

namespace provenbl::verifier {
namespace {

Result<> without_scan(const Result<Scan>& finished) {
    return finished ? Result<>{} : Result<>{finished.error()};
}

std::vector<Attempt> attempts_of(const std::vector<Claim>& claims) {
    std::vector<Attempt> attempts;
    for (const auto& claim : claims) {
        const auto* technique = find_technique(claim.technique);
        if (technique != nullptr) attempts.push_back({claim.target, {technique}, Stage::always});
    }
    return attempts;
}

} // namespace

Host CarriedVisits::now(const Address& host) const {
    return scanner_.books().known(host).host;
}

void CarriedVisits::look_from_here(const Address& host) {
    if (from_here_.size() < remembered_at_most) from_here_.insert(host);
}

Awaitable<Result<>> CarriedVisits::visit(Address host) {
    auto started = co_await scanner_.books().start(host);
    if (!started) co_return started.error();
    auto scan = std::move(*started);
    const bool here = from_here_.erase(host) > 0 || !gate_.check(host);
    if (!here) {
        auto known = scanner_.books().known(host);
        auto found = co_await elsewhere_.visit(scan, std::move(known));
        if (found) co_return co_await take_in(std::move(scan), std::move(*found));
        log::of("workers")->info("{} is visited from here: {}", host.to_string(), found.error().message);
    }
    const auto finished = co_await scanner_.run(std::move(scan), Scanner::Watch{});
    co_return without_scan(finished);
}

Awaitable<Result<>> CarriedVisits::take_in(Scan scan, Findings findings) {
    auto& books = scanner_.books();
    const auto host = now(scan.host);
    const bool agreement = elsewhere_.vantage_points() == VantagePoints::two && !host.holes.empty();
    std::vector<ScanStep> unwritten;
    for (std::size_t i = findings.written; i < findings.steps.size(); ++i)
        unwritten.push_back(weigh(host, scan, findings.steps[i], findings.worker));
    if (!unwritten.empty()) {
        VisitBooks::Talk none;
        const auto done = co_await books.write_down(scan, std::move(unwritten), std::move(none));
        // Without its step a hole counts as not tried, so nothing is delisted for this.
        if (!done)
            log::of("workers")->error("what {} found of {} could not be recorded: {}", findings.worker,
                                      scan.host.to_string(), done.error().message);
    }
    std::vector<ScanStep> last;
    const auto claims = to_look_at(host, scan, findings.steps, agreement);
    if (!claims.empty()) {
        log::of("workers")->info("{}: {} ways that {} has tried are looked at from here, too", scan.host.to_string(),
                                 claims.size(), findings.worker);
        auto attempts = attempts_of(claims);
        const auto ours = co_await scanner_.look_again(scan, std::move(attempts));
        if (agreement) last = settle(host, findings.steps, ours, findings.worker, clock_.now());
    }
    const auto finished = co_await books.conclude(scan, std::move(last), std::move(findings.software));
    // A mail of this very visit has been looked after, unless it has another visit coming.
    if (now(scan.host).queued_scan == 0) from_here_.erase(scan.host);
    if (findings.recorded) findings.recorded();
    co_return without_scan(finished);
}

} // namespace provenbl::verifier
