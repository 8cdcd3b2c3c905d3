// Making a Clearance: the only ways in which a hole may close (ledger.hpp).
#include "store/ledger.hpp"
#include "store/purges.hpp"

#include <algorithm>
#include <iterator>

namespace provenbl {

Result<Clearance> Clearance::from_scan(const Scan& scan, const std::vector<Hole>& holes, ChangeReason reason) {
    for (const auto& hole : holes) {
        const auto speaks_of = [&](const ScanStep& step) {
            return step.technique == hole.technique && step.target == hole.entry && step.port == hole.port;
        };
        const auto last = std::find_if(scan.steps.rbegin(), scan.steps.rend(), speaks_of);
        if (last == scan.steps.rend())
            return Error{Errc::invalid,
                         "the visit did not try " + hole.technique + " on port " + std::to_string(hole.port)};
        // At the entry of a chain, open says nothing of this exit: only a token that came out here does.
        const bool says_open = hole.cls != ListingClass::chain || hole.last_proven >= scan.started;
        if (says_open && std::any_of(scan.steps.begin(), scan.steps.end(), [&](const ScanStep& step) {
                return speaks_of(step) && step.verdict == Verdict::open;
            }))
            return Error{Errc::invalid,
                         "the visit found " + hole.technique + " open on port " + std::to_string(hole.port)};
        if (reason == ChangeReason::secured && last->verdict != Verdict::refused &&
            last->verdict != Verdict::closed_port)
            return Error{Errc::invalid, hole.technique + " on port " + std::to_string(hole.port) + " was not refused"};
    }
    return Clearance(scan.host, holes, reason, "visit " + std::to_string(scan.id));
}

Result<Clearance> Clearance::from_silence(const Host& host, Duration span, Time now) {
    const auto since = std::max(host.last_answer, host.listed_since);
    if (now - since < span) return Error{Errc::invalid, "the host has been silent since " + to_string(since) + " only"};
    return Clearance(host.address, host.holes, ChangeReason::expired, "no answer since " + to_string(since));
}

Result<Clearance> Clearance::from_age(const Host& host, Duration span, Time now) {
    std::vector<Hole> aged;
    std::copy_if(host.holes.begin(), host.holes.end(), std::back_inserter(aged),
                 [&](const Hole& hole) { return now - hole.last_proven >= span; });
    if (aged.empty()) return Error{Errc::invalid, "every proof is recent"};
    return Clearance(host.address, std::move(aged), ChangeReason::expired, "not proven again for too long");
}

Clearance Clearance::from_exclusion(const Host& host, const Exclusion& exclusion) {
    return Clearance(host.address, host.holes, ChangeReason::excluded,
                     exclusion.prefix.to_string() + ": " + exclusion.reason, host.manual);
}

Result<Clearance> Clearance::from_purge(const Host& host, const Purge& purge) {
    auto match = purges::match(host, purge.filter);
    if (match.holes.empty() && match.manual.empty())
        return Error{Errc::not_found, "nothing of " + host.address.to_string() + " belongs to the purge"};
    return Clearance(host.address, std::move(match.holes), ChangeReason::purged,
                     "purge " + std::to_string(purge.id) + ": " + purge.note, std::move(match.manual));
}

Result<Clearance> Clearance::from_end(const Host& host, Time now) {
    std::vector<ManualListing> ended;
    std::copy_if(host.manual.begin(), host.manual.end(), std::back_inserter(ended),
                 [&](const ManualListing& entry) { return entry.until <= now; });
    if (ended.empty()) return Error{Errc::not_found, "nothing has reached its end"};
    return Clearance(host.address, {}, ChangeReason::manual_ended, "its time came", std::move(ended));
}

Result<Clearance> Clearance::from_withdrawal(const Host& host, std::string_view note) {
    if (host.manual.empty())
        return Error{Errc::not_found, host.address.to_string() + " is not listed by hand; what was proven ends when "
                                                                 "it is refused (`provenbl delist`)"};
    return Clearance(host.address, {}, ChangeReason::manual_ended, std::string(note), host.manual);
}

} // namespace provenbl
