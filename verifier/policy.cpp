// The listing policy, applied to one finished visit. Pure: what comes in decides, nothing else.
//
// A hole is open, refused, closed (the port), unreachable or inconclusive, as the visit's steps say of its
// technique at its entry and port. One open hole keeps the listing. Otherwise the visit as a whole is clean
// (each hole is explicitly shut), silent (nothing answers) or inconclusive, and each kind has a streak. A
// visit only moves its streak when it keeps the distance that the rules ask between visits that count:
// else three requests in a minute could end what three days of looking should end.
#include "verifier/policy.hpp"

#include "fmt/format.h"
#include "verifier/rescans.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace provenbl::verifier {
namespace {

// Details that begin so are understood here.
constexpr std::string_view later_words = "try again later:";
constexpr std::string_view own_trouble = "not tried:";

struct Finding {
    const Hole* hole = nullptr;
    Verdict verdict = Verdict::inconclusive;
    std::string detail;
};

std::string place(const Finding& finding) {
    std::string text = fmt::format("{} on port {}", finding.hole->technique, finding.hole->port);
    if (!finding.detail.empty()) text += fmt::format(" ({})", finding.detail);
    return text;
}

// "10 s", "10 min", "24 h", "14 days".
std::string in_words(Duration span) {
    using namespace std::chrono;
    const auto seconds = duration_cast<std::chrono::seconds>(span).count();
    if (seconds >= 172'800 && seconds % 86'400 == 0) return fmt::format("{} days", seconds / 86'400);
    if (seconds >= 3600 && seconds % 3600 == 0) return fmt::format("{} h", seconds / 3600);
    if (seconds >= 60 && seconds % 60 == 0) return fmt::format("{} min", seconds / 60);
    return fmt::format("{} s", seconds);
}

std::string looks(std::uint32_t count) {
    return count == 1 ? "one more look" : fmt::format("{} more looks", count);
}

bool told_later(const ScanStep& step) {
    return step.verdict == Verdict::inconclusive && step.detail.starts_with(later_words);
}

// Trouble of ours (no sink, no room in the store) says nothing about the host, for it or against it.
bool not_tried(const ScanStep& step) {
    return step.verdict == Verdict::inconclusive && step.detail.starts_with(own_trouble);
}

bool answers(const ScanStep& step) {
    return step.verdict == Verdict::open || step.verdict == Verdict::refused ||
           (step.verdict == Verdict::inconclusive && !not_tried(step));
}

// An open step decides; otherwise the last one does, for it may have repeated an earlier try. A token that
// came back to the sink while the visit was on is proof, whatever its step said before.
std::optional<Finding> finding_of(const Hole& hole, const Scan& scan) {
    std::optional<Finding> found;
    for (const auto& step : scan.steps) {
        if (step.technique != hole.technique || step.target != hole.entry || step.port != hole.port || not_tried(step))
            continue;
        if (found && found->verdict == Verdict::open) break;
        found = Finding{&hole, step.verdict, step.detail};
        // At the entry of a chain, open says nothing of this exit: only a token that came out here does.
        if (step.verdict == Verdict::open && hole.cls == ListingClass::chain && hole.last_proven < scan.started)
            found = Finding{&hole, Verdict::inconclusive, "the entry is open, and nothing came out of this exit"};
    }
    if (scan.started != Time{} && hole.last_proven >= scan.started) {
        if (!found || found->verdict != Verdict::open) found = Finding{&hole, Verdict::open, "the token came back"};
    }
    return found;
}

// The judgement of one visit to a listed host.
class Judgement {
public:
    Judgement(const Host& host, const Scan& scan, const PolicyRules& rules, Time now, std::uint32_t jitter)
        : host_(host), scan_(scan), rules_(rules), now_(now) {
        for (const auto& hole : host.holes) {
            if (auto found = finding_of(hole, scan))
                findings_.push_back(std::move(*found));
            else
                ++untold_;
        }
        const bool just_listed = scan.started != Time{} && host.listed_since >= scan.started;
        finish_.next_due = just_listed ? first_rescan(rules, now, jitter) : next_rescan(rules, now, jitter);
        finish_.answered = std::any_of(scan.steps.begin(), scan.steps.end(), answers);
    }

    Decision decide() {
        if (count(Verdict::open) > 0)
            still_open();
        else if (untold_ > 0)
            not_all_tried();
        else if (count(Verdict::inconclusive) > 0)
            inconclusive();
        else if (count(Verdict::unreachable) > 0 || count(Verdict::refused) == 0)
            silent();
        else
            clean();
        if (!clearance_) close_aged();
        return {std::move(finish_), std::move(clearance_)};
    }

private:
    [[nodiscard]] std::size_t count(Verdict verdict) const {
        return static_cast<std::size_t>(std::count_if(
            findings_.begin(), findings_.end(), [verdict](const Finding& found) { return found.verdict == verdict; }));
    }
    [[nodiscard]] const Finding& first(Verdict verdict) const {
        return *std::find_if(findings_.begin(), findings_.end(),
                             [verdict](const Finding& found) { return found.verdict == verdict; });
    }

    // Does this visit count, when visits of its kind count `spacing` apart? Measured from the last one that did, so
    // that asking often puts nothing off.
    [[nodiscard]] bool counts(std::uint32_t streak, Duration spacing) const {
        return streak == 0 || host_.last_counted == Time{} || now_ - host_.last_counted >= spacing;
    }

    // Moves the streak if the visit counts, and sets the next visit for when one can count again.
    std::uint32_t move_streak(std::uint32_t streak, Duration spacing) {
        finish_.counted = counts(streak, spacing);
        finish_.next_due = (finish_.counted ? now_ : host_.last_counted) + spacing;
        // RFC 6471 3.6.2: what nobody has asked for comes no more often than that.
        if (scan_.kind != ScanKind::owner)
            finish_.next_due = std::max(*finish_.next_due, now_ + rules_.rescan_interval);
        return streak + (finish_.counted ? 1 : 0);
    }

    [[nodiscard]] std::uint32_t clean_scans_needed() const { return clean_visits_needed(host_, rules_); }

    bool clear(const std::vector<Hole>& holes, ChangeReason reason) {
        auto made = Clearance::from_scan(scan_, holes, reason);
        if (made)
            clearance_.emplace(std::move(*made));
        else
            finish_.outcome += fmt::format(" The listing stays: {}.", made.error().message);
        return made.has_value();
    }
    bool clear_all(ChangeReason reason) {
        if (!clear(host_.holes, reason)) return false;
        finish_.next_due.reset();
        return true;
    }

    // Holes that are shut while others are not are closed by themselves, so that the classes shrink rightly.
    void clear_refused() {
        if (clean_scans_needed() > 1) return;
        std::vector<Hole> shut;
        for (const auto& found : findings_)
            if (found.verdict == Verdict::refused) shut.push_back(*found.hole);
        if (shut.empty() || shut.size() == host_.holes.size()) return;
        if (clear(shut, ChangeReason::secured))
            finish_.outcome +=
                fmt::format(" Refused now and taken off the listing: {} of {} ways.", shut.size(), host_.holes.size());
    }

    // What can't be tried any more, or never settles, does not stay for ever.
    void close_aged() {
        auto made = Clearance::from_age(host_, rules_.proof_life, now_);
        if (!made) return;
        finish_.outcome += fmt::format(" Not proven again for {}: {} of {} ways closed.", in_words(rules_.proof_life),
                                       made->holes().size(), host_.holes.size());
        if (made->holes().size() == host_.holes.size()) finish_.next_due.reset();
        clearance_.emplace(std::move(*made));
    }

    void still_open() {
        const auto& open = first(Verdict::open);
        const bool was_known = scan_.started == Time{} || host_.listed_since < scan_.started;
        finish_.outcome = fmt::format("{}: {}.", was_known ? "Still open" : "Proven open, and listed", place(open));
        if (scan_.kind == ScanKind::owner) finish_.open_answers = host_.open_answers + 1;
        clear_refused();
    }

    // What a visit did not get to is not known, and moves no streak.
    void not_all_tried() {
        keep_streaks();
        finish_.outcome = fmt::format("{} of {} ways that were open were not tried in this visit: the listing stays.",
                                      untold_, host_.holes.size());
        clear_refused();
    }

    void keep_streaks() {
        finish_.clean_streak = host_.clean_streak;
        finish_.silent_streak = host_.silent_streak;
        finish_.inconclusive_streak = host_.inconclusive_streak;
    }

    // The next look comes because the owner asked for this one.
    void follow_owner() {
        if (scan_.kind == ScanKind::owner) finish_.next_kind = ScanKind::owner;
    }

    void clean() {
        const auto needed = clean_scans_needed();
        finish_.clean_streak = move_streak(host_.clean_streak, rules_.flip_spacing);
        if (finish_.clean_streak >= needed) {
            finish_.outcome = count(Verdict::refused) == findings_.size()
                                  ? "Every way that was open is now refused: delisted."
                                  : "Every way that was open is now refused or its port is closed: delisted.";
            clear_all(ChangeReason::secured);
            return;
        }
        follow_owner();
        finish_.outcome = fmt::format("Every way that was open is now refused. This host was listed again within {} of "
                                      "its last delisting, so {} like this, {} apart, must follow; the next is at {}.",
                                      in_words(rules_.flip_window), looks(needed - finish_.clean_streak),
                                      in_words(rules_.flip_spacing), to_string(*finish_.next_due));
    }

    void silent() {
        const bool ports_closed = count(Verdict::closed_port) == findings_.size();
        // A port that is closed says so at once; lost packets say nothing, and only time makes them mean something.
        const bool quick = ports_closed && scan_.kind == ScanKind::owner;
        const auto spacing = quick ? rules_.closed_port_spacing : rules_.silent_spacing;
        finish_.silent_streak = move_streak(host_.silent_streak, spacing);
        if (finish_.silent_streak >= rules_.silent_scans) {
            finish_.outcome =
                fmt::format("Nothing has answered in {} visits in a row: delisted.", finish_.silent_streak);
            clear_all(ChangeReason::silent);
            return;
        }
        if (silent_for_too_long()) return;
        if (quick) follow_owner();
        finish_.outcome = fmt::format("{}; {} like this and the listing ends; the next at {}.",
                                      ports_closed ? "Nothing serves there any more" : "Nothing answers",
                                      looks(rules_.silent_scans - finish_.silent_streak), to_string(*finish_.next_due));
        clear_refused();
    }

    bool silent_for_too_long() {
        if (finish_.answered || now_ - std::max(host_.last_answer, host_.listed_since) < rules_.unreachable_expiry)
            return false;
        auto made = Clearance::from_silence(host_, rules_.unreachable_expiry, now_);
        if (!made) return false;
        clearance_.emplace(std::move(*made));
        finish_.next_due.reset();
        finish_.outcome = fmt::format("Nobody could reach the host for {}: the listing has expired.",
                                      in_words(rules_.unreachable_expiry));
        return true;
    }

    void inconclusive() {
        finish_.inconclusive_streak = move_streak(host_.inconclusive_streak, rules_.rescan_interval);
        const bool later = std::any_of(scan_.steps.begin(), scan_.steps.end(), told_later);
        if (later && finish_.counted) { // once; whoever says it again is looked at again tomorrow
            finish_.next_due = now_ + rules_.retry_after;
            finish_.next_kind = scan_.kind == ScanKind::owner ? ScanKind::owner : ScanKind::rescan;
        }
        if (finish_.inconclusive_streak >= rules_.inconclusive_scans) {
            finish_.outcome = fmt::format("What was tried could not be proven again in {} visits in a row: delisted.",
                                          finish_.inconclusive_streak);
            clear_all(ChangeReason::inconclusive);
            return;
        }
        finish_.outcome = fmt::format("Not clear yet: {}. The next look is at {}.", place(first(Verdict::inconclusive)),
                                      to_string(*finish_.next_due));
        clear_refused();
    }

    const Host& host_;
    const Scan& scan_;
    const PolicyRules& rules_;
    Time now_;
    std::vector<Finding> findings_;
    std::size_t untold_ = 0;
    ledger::Finish finish_;
    std::optional<Clearance> clearance_;
};

// The ways that the visit found open although nothing is listed now: "smtp-relay/plain on port 25 (words)".
std::string found_open(const Scan& scan) {
    const auto found = std::find_if(scan.steps.begin(), scan.steps.end(),
                                    [](const ScanStep& step) { return step.verdict == Verdict::open; });
    if (found == scan.steps.end()) return {};
    std::string text = fmt::format("{} on port {}", found->technique, found->port);
    if (!found->detail.empty()) text += fmt::format(" ({})", found->detail);
    return text;
}

// A host that is not listed: nothing to close, and nothing to come back for but an unanswered "later".
Decision decide_unlisted(const Host& host, const Scan& scan, const PolicyRules& rules, Time now) {
    Decision decision;
    auto& finish = decision.finish;
    std::array<std::size_t, 5> counts{};
    std::size_t tried = 0;
    for (const auto& step : scan.steps) {
        if (not_tried(step)) continue;
        ++tried;
        ++counts.at(static_cast<std::size_t>(step.verdict));
        finish.answered = finish.answered || answers(step);
    }
    const auto open = found_open(scan);
    // Purged, or excluded and let in again, while the visit was on. A token may have come back behind its step, too.
    const bool taken_back = scan.started != Time{} && host.delisted_at >= scan.started &&
                            (!open.empty() || host.listed_since >= scan.started);
    const bool later = std::any_of(scan.steps.begin(), scan.steps.end(), told_later);
    if (later && open.empty() && !taken_back && host.inconclusive_streak == 0) {
        finish.inconclusive_streak = 1;
        finish.next_due = now + rules.retry_after;
        finish.next_kind = scan.kind;
        finish.outcome = fmt::format("Told to try again later; the next look is at {}.", to_string(*finish.next_due));
        return decision;
    }
    const std::string_view end = host.manual.empty() ? "not listed" : "it stays listed by hand only";
    const auto inconclusive = counts.at(static_cast<std::size_t>(Verdict::inconclusive));
    if (taken_back)
        finish.outcome = fmt::format("Proven open{}{}, and taken off the list again while the visit was on: {}.",
                                     open.empty() ? "" : ": ", open, end);
    else if (!open.empty())
        finish.outcome = fmt::format("Found open: {}, and not listed for it by the rules: {}.", open, end);
    else if (tried == 0)
        finish.outcome = fmt::format("Nothing was tried: {}.", end);
    else if (inconclusive > 0)
        finish.outcome =
            fmt::format("Nothing was proven open ({} of {} tries were accepted or put off, and nothing has "
                        "come back so far): {}.",
                        inconclusive, tried, end);
    else if (counts.at(static_cast<std::size_t>(Verdict::refused)) > 0)
        finish.outcome = fmt::format("Nothing is open, what answers refuses: {}.", end);
    else
        finish.outcome = fmt::format("Nothing answers: {}.", end);
    return decision;
}

} // namespace

Decision decide(const Host& host, const Scan& scan, const PolicyRules& rules, Time now, std::uint32_t jitter) {
    // What was entered by hand has nothing that a visit could refute.
    if (host.holes.empty()) return decide_unlisted(host, scan, rules, now);
    return Judgement(host, scan, rules, now, jitter).decide();
}

std::uint32_t clean_visits_needed(const Host& host, const PolicyRules& rules) {
    const bool flipped = host.relistings > 0 && !host.pardoned && host.delisted_at != Time{} &&
                         host.listed_since - host.delisted_at <= rules.flip_window;
    return flipped ? std::max(1U, rules.flip_clean_scans) : 1U;
}

Duration owner_spacing(const std::optional<Host>& host, const PolicyRules& rules) {
    const auto most = rules.owner_spacing_most;
    auto spacing = rules.owner_spacing;
    for (auto left = host ? host->open_answers : 0; left > 0 && spacing < most; --left) spacing *= 2;
    return std::max(rules.owner_spacing, std::min(spacing, most));
}

Time owner_may_ask_at(const std::optional<Host>& host, const std::optional<Scan>& last_request,
                      const PolicyRules& rules) {
    Time at{};
    if (last_request) at = last_request->requested + owner_spacing(host, rules);
    if (host && host->queued_scan != 0 && host->due_kind == ScanKind::owner) at = std::max(at, host->due);
    return at;
}

Result<> owner_may_ask(const std::optional<Host>& host, const std::optional<Scan>& last_request,
                       const PolicyRules& rules, Time now) {
    const auto spacing = owner_spacing(host, rules);
    if (last_request && now < last_request->requested + spacing)
        return Error{Errc::not_allowed,
                     fmt::format("this host may be asked for once in {}; the next request can be taken at {}",
                                 in_words(spacing), to_string(last_request->requested + spacing))};
    // A follow-up that the rules have set for an owner is not brought forward: only its distance makes it count.
    if (host && host->queued_scan != 0 && host->due_kind == ScanKind::owner && host->due > now)
        return Error{Errc::not_allowed, fmt::format("the next look at this host that counts is already set for {}; "
                                                    "there is nothing to ask for before",
                                                    to_string(host->due))};
    return {};
}

} // namespace provenbl::verifier
