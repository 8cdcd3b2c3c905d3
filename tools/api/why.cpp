#include "tools/api/why.hpp"

#include "store/audit.hpp"
#include "store/hosts.hpp"
#include "store/journal.hpp"
#include "store/ledger.hpp"
#include "store/listing_unit.hpp"
#include "tools/api/span_text.hpp"
#include "verifier/policy.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::api {
namespace {

constexpr std::size_t changes_read = 200;
constexpr std::size_t ways_named = 3; // the rest is counted

// "for the 3rd time"; nothing for the first.
std::string times(std::size_t count) {
    if (count < 2) return {};
    const auto tens = count % 100;
    const auto* ending = tens >= 11 && tens <= 13 ? "th"
                         : count % 10 == 1        ? "st"
                         : count % 10 == 2        ? "nd"
                         : count % 10 == 3        ? "rd"
                                                  : "th";
    return fmt::format(", for the {}{} time", count, ending);
}

std::string visits(std::uint32_t count) {
    return count == 1 ? "one visit" : fmt::format("{} visits", count);
}

std::string proof(const Hole& hole, const Address& host) {
    const auto where = hole.cls == ListingClass::chain
                           ? fmt::format("{} into {} port {} and out of {}", hole.technique, hole.entry.to_string(),
                                         hole.port, host.to_string())
                           : fmt::format("{} on port {}", hole.technique, hole.port);
    if (hole.first_proven == hole.last_proven) return fmt::format("{} (proven {})", where, to_string(hole.last_proven));
    return fmt::format("{} (first proven {}, last {})", where, to_string(hole.first_proven),
                       to_string(hole.last_proven));
}

std::string proofs(const Host& host) {
    std::string text;
    for (std::size_t i = 0; i < host.holes.size() && i < ways_named; ++i) {
        if (i > 0) text += ", ";
        text += proof(host.holes[i], host.address);
    }
    if (host.holes.size() > ways_named) text += fmt::format(" and {} more", host.holes.size() - ways_named);
    return text;
}

std::string_view ended_because(ChangeReason reason) {
    switch (reason) {
    case ChangeReason::secured:
        return "every way that was open was refused";
    case ChangeReason::silent:
        return "nothing answered any more";
    case ChangeReason::inconclusive:
        return "what was proven could not be proven again";
    case ChangeReason::expired:
        return "nothing was proven again for too long";
    case ChangeReason::excluded:
        return "it was excluded";
    case ChangeReason::manual_ended:
        return "the listing by hand came to its end";
    case ChangeReason::purged:
        return "its listing was part of a bad batch that was taken back";
    default:
        return "it was taken off";
    }
}

class Sentences {
public:
    Sentences(const WhyFacts& facts, const verifier::PolicyRules& rules)
        : facts_(facts), rules_(rules), name_(facts.host.address.to_string()), now_(facts.host.now),
          host_(facts.host.host.value_or(Host{})) {}

    Why both() const {
        if (facts_.host.listed()) return {listed() + shut_down() + ".", way_out() + "."};
        if (facts_.host.exclusion) return excluded(*facts_.host.exclusion);
        return unlisted();
    }

private:
    // ---- listed ----

    std::string listed() const {
        const auto in_journal = static_cast<std::size_t>(
            std::count_if(facts_.changes.begin(), facts_.changes.end(),
                          [](const Change& change) { return change.before.empty() && !change.after.empty(); }));
        const auto openings = in_journal + facts_.audit.size();
        auto text = fmt::format("{} is listed as {} since {} (case {}{})", name_, to_string(host_.classes()),
                                to_string(host_.listed_since), host_.case_id, times(openings));
        if (!host_.holes.empty()) text += " because our tokens came back through " + proofs(host_);
        for (const auto& entry : host_.manual)
            text += fmt::format("{} by hand and without proof, as {} from {} to {}: {}",
                                host_.holes.empty() ? "," : "; also", to_string(entry.cls), to_string(entry.since),
                                to_string(entry.until), entry.reason);
        return text;
    }
    std::string shut_down() const {
        return facts_.host.shut_down ? "; the list is shut down, so nothing of this is in DNS" : "";
    }

    std::string way_out() const {
        if (host_.holes.empty())
            return fmt::format("No visit can end what no visit has proven: it ends by itself at {}, or when the "
                               "operator takes it back",
                               to_string(last_manual_end()));
        auto text = what_must_refuse() + streaks() + "; " + what_the_owner_can_do() + "; " + next_look();
        if (!host_.manual.empty())
            text += fmt::format("; the listing by hand ends at {}", to_string(last_manual_end()));
        return text;
    }

    Time last_manual_end() const {
        Time last{};
        for (const auto& entry : host_.manual) last = std::max(last, entry.until);
        return last;
    }

    std::string what_must_refuse() const {
        const bool chain = std::any_of(host_.holes.begin(), host_.holes.end(),
                                       [](const Hole& hole) { return hole.cls == ListingClass::chain; });
        const auto way = host_.holes.size() == 1
                             ? fmt::format("{} on port {}", host_.holes[0].technique, host_.holes[0].port)
                             : fmt::format("all {} ways", host_.holes.size());
        const auto needed = verifier::clean_visits_needed(host_, rules_);
        auto text = fmt::format("It ends when {} {} find{} {} refused", needed == 1 ? "a" : std::to_string(needed),
                                needed == 1 ? "visit" : "visits in a row", needed == 1 ? "s" : "", way);
        if (chain) text += ", at the entry that leads to it";
        if (needed > 1)
            text += fmt::format(", {} apart, because it was listed again within {} of a delisting ({} so far)",
                                in_words(rules_.flip_spacing), in_words(rules_.flip_window), host_.clean_streak);
        return text;
    }

    // What the last visits have begun.
    std::string streaks() const {
        if (host_.silent_streak > 0)
            return fmt::format("; nothing has answered in {}, after {} in a row the listing ends too, and at {} it "
                               "expires if nobody has reached the host by then",
                               visits(host_.silent_streak), rules_.silent_scans,
                               to_string(std::max(host_.last_answer, host_.listed_since) + rules_.unreachable_expiry));
        if (host_.inconclusive_streak > 0)
            return fmt::format("; in {} it took what we sent and nothing came back, after {} in a row the listing "
                               "ends too",
                               visits(host_.inconclusive_streak), rules_.inconclusive_scans);
        return {};
    }

    std::string what_the_owner_can_do() const {
        const auto at = verifier::owner_may_ask_at(facts_.host.host, facts_.last_request, rules_);
        if (at > now_) return fmt::format("its owner can ask for the next look from {} on", to_string(at));
        return fmt::format("its owner can have it looked at now, with `provenbl delist {}` or on its page", name_);
    }

    std::string next_look() const {
        const auto& next = facts_.host.next_visit;
        if (!next) return "no visit is planned";
        if (next->state == ScanState::running) return "a visit is under way";
        if (next->due <= now_) return "a visit is about to begin";
        // To the public a report's visit has a day and no more (public_view.hpp).
        if (next->kind == ScanKind::report)
            return "we look again by ourselves on " + to_string(next->due).substr(0, 10);
        return fmt::format("we look again by ourselves at {}", to_string(next->due));
    }

    // ---- not listed ----

    Why excluded(const Exclusion& exclusion) const {
        const auto until = exclusion.until == Time{} ? "for good" : "until " + to_string(exclusion.until);
        return {fmt::format("{} is not listed: {} is excluded from probing and listing since {}, {} ({}).", name_,
                            exclusion.prefix.to_string(), to_string(exclusion.created), until, exclusion.reason),
                exclusion.until == Time{}
                    ? std::string{"As long as the exclusion stands it is neither visited nor listed."}
                    : fmt::format("It can be visited and listed again from {} on.", to_string(exclusion.until))};
    }

    std::string was_listed(std::uint64_t case_id, Time ended, ChangeReason reason) const {
        return fmt::format("{} is not listed: its last listing (case {}) ended at {} because {}", name_, case_id,
                           to_string(ended), ended_because(reason));
    }

    Why unlisted() const {
        const auto ended = std::find_if(facts_.changes.begin(), facts_.changes.end(), [](const Change& change) {
            return change.after.empty() && !change.before.empty();
        });
        Why text;
        // Beyond what the journal still has, the audit remembers.
        if (ended != facts_.changes.end())
            text.reason = was_listed(ended->case_id, ended->at, ended->reason);
        else if (!facts_.audit.empty() && facts_.audit.back().in_force.empty())
            text.reason =
                was_listed(facts_.audit.back().case_id, facts_.audit.back().ended, facts_.audit.back().closed);
        else if (host_.scans > 0)
            text.reason = fmt::format("{} is not listed and never was: {} proved nothing", name_, visits(host_.scans));
        else
            text.reason = fmt::format("{} is not listed and never was: it has not been visited", name_);
        text.reason += shut_down() + ".";

        text.way_out = fmt::format("There is nothing to end; {}", next_look());
        const bool may_flip = host_.delisted_at != Time{} && !host_.pardoned &&
                              now_ - host_.delisted_at <= rules_.flip_window && rules_.flip_clean_scans > 1;
        if (may_flip)
            text.way_out +=
                fmt::format("; proven open again before {} it would need {} clean visits in a row, {} apart",
                            to_string(host_.delisted_at + rules_.flip_window), rules_.flip_clean_scans,
                            in_words(rules_.flip_spacing));
        text.way_out += ".";
        return text;
    }

    const WhyFacts& facts_;
    const verifier::PolicyRules& rules_;
    std::string name_;
    Time now_;
    Host host_;
};

} // namespace

WhyFacts read_why_facts(const ReadTxn& txn, const Address& address, Time now) {
    WhyFacts facts{read_facts(txn, address, now),
                   journal::of(txn, address, changes_read),
                   {},
                   audit::of(txn, listing_unit::of(txn, address))};
    for (auto& scan : hosts::scans(txn, address, ledger::kept_scans)) {
        if (scan.kind != ScanKind::owner) continue;
        facts.last_request = std::move(scan);
        break;
    }
    return facts;
}

Why why(const WhyFacts& facts, const verifier::PolicyRules& rules) {
    return Sentences(facts, rules).both();
}

} // namespace provenbl::tools::api
