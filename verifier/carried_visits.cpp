#include "verifier/carried_visits.hpp"

#include "store/log.hpp"
#include "verifier/carried_steps.hpp"

#include <algorithm>
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

// In the table for as long as the visit is out, however that ends.
class CarriedVisits::Out {
public:
    Out(CarriedVisits& of, const Address& host) : of_(of), host_(host) { of_.out_.emplace(host, std::vector<Claim>{}); }
    ~Out() { of_.out_.erase(host_); }
    Out(const Out&) = delete;
    Out& operator=(const Out&) = delete;
    // What comes from now on is too late for the visit.
    std::vector<Claim> end() {
        auto held = std::move(of_.out_[host_]);
        of_.out_.erase(host_);
        return held;
    }

private:
    CarriedVisits& of_;
    const Address host_;
};

bool CarriedVisits::hold(const Address& host, Claim claim) {
    const auto out = out_.find(host);
    if (out != out_.end() && out->second.size() < most_claims) {
        out->second.push_back(std::move(claim));
        return true;
    }
    if (from_here_.size() < remembered_at_most) from_here_.insert(host);
    return false;
}

Awaitable<Result<>> CarriedVisits::visit(Address host) {
    auto started = co_await scanner_.books().start(host);
    if (!started) co_return started.error();
    auto scan = std::move(*started);
    std::vector<Claim> held;
    const bool here = from_here_.erase(host) > 0 || !gate_.check(host);
    if (!here) {
        Out out(*this, host);
        auto known = scanner_.books().known(host);
        auto found = co_await elsewhere_.visit(scan, std::move(known));
        held = out.end();
        if (found) co_return co_await take_in(std::move(scan), std::move(*found), std::move(held));
        log::of("workers")->info("{} is visited from here: {}", host.to_string(), found.error().message);
    }
    co_return co_await from_here(std::move(scan), std::move(held));
}

Awaitable<Result<>> CarriedVisits::from_here(Scan scan, std::vector<Claim> held) {
    if (!held.empty()) {
        auto attempts = attempts_of(held);
        (void)co_await scanner_.look_again(scan, std::move(attempts));
    }
    const auto finished = co_await scanner_.run(std::move(scan), Scanner::Watch{});
    co_return without_scan(finished);
}

Awaitable<Result<>> CarriedVisits::take_in(Scan scan, Findings findings, std::vector<Claim> held) {
    auto& books = scanner_.books();
    const auto host = now(scan.host);
    const bool agreement = elsewhere_.vantage_points() == VantagePoints::two && !host.holes.empty();
    std::vector<ScanStep> unwritten;
    for (std::size_t i = findings.written; i < std::min(findings.steps.size(), most_carried_steps); ++i)
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
    const auto claims = to_look_at(host, scan, findings.steps, held, agreement);
    if (!claims.empty()) {
        log::of("workers")->info("{}: {} ways that {} has tried are looked at from here, too", scan.host.to_string(),
                                 claims.size(), findings.worker);
        auto attempts = attempts_of(claims);
        const auto ours = co_await scanner_.look_again(scan, std::move(attempts));
        if (agreement) last = settle(host, findings.steps, ours, findings.worker, clock_.now());
    }
    const auto finished = co_await books.conclude(scan, std::move(last), std::move(findings.software));
    if (findings.recorded) findings.recorded();
    co_return without_scan(finished);
}

} // namespace provenbl::verifier
