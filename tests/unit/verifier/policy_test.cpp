// The listing policy, each rule a row.
#include "verifier/policy.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;

const Address host_address = Address::v4(192, 0, 2, 1);
const Time now{std::chrono::seconds(1'800'000'000)};

Hole hole(std::string technique, std::uint16_t port = 25, Address entry = host_address) {
    Hole made;
    made.technique = std::move(technique);
    made.entry = entry;
    made.port = port;
    made.first_proven = made.last_proven = now - 48h;
    return made;
}

Host listed_host(std::vector<Hole> holes = {hole("smtp-relay/plain")}) {
    Host host;
    host.address = host_address;
    host.holes = std::move(holes);
    host.listed_since = now - 48h;
    host.last_counted = now - 24h;
    host.last_answer = now - 24h;
    return host;
}

ScanStep step(const Hole& of, Verdict verdict, std::string detail = "words") {
    return {now, of.technique, of.entry, of.port, verdict, std::move(detail)};
}

Scan scan_of(std::vector<ScanStep> steps, ScanKind kind = ScanKind::rescan) {
    Scan scan;
    scan.id = 7;
    scan.host = host_address;
    scan.kind = kind;
    scan.state = ScanState::finished;
    scan.started = now - 1min;
    scan.finished = now;
    scan.steps = std::move(steps);
    return scan;
}

struct Row {
    const char* name;
    std::vector<Verdict> verdicts; // of the holes, in order
    ScanKind kind = ScanKind::rescan;
    std::uint32_t clean = 0, silent = 0, inconclusive = 0; // streaks before
    std::optional<ChangeReason> cleared = std::nullopt;
    std::size_t holes_cleared = 0;
    std::uint32_t clean_after = 0, silent_after = 0, inconclusive_after = 0;
    std::optional<Duration> next = 24h;
    ScanKind next_kind = ScanKind::rescan;
    const char* outcome = "";
};

class PolicyRows : public ::testing::TestWithParam<Row> {};

TEST_P(PolicyRows, Decides) {
    const auto& row = GetParam();
    std::vector<Hole> holes;
    std::vector<ScanStep> steps;
    for (std::size_t i = 0; i < row.verdicts.size(); ++i) {
        holes.push_back(hole("technique/" + std::to_string(i)));
        steps.push_back(step(holes.back(), row.verdicts[i]));
    }
    auto host = listed_host(holes);
    host.clean_streak = row.clean;
    host.silent_streak = row.silent;
    host.inconclusive_streak = row.inconclusive;

    const auto decision = decide(host, scan_of(steps, row.kind), PolicyRules{}, now);

    ASSERT_EQ(decision.clearance.has_value(), row.cleared.has_value()) << decision.finish.outcome;
    if (row.cleared) {
        EXPECT_EQ(decision.clearance->reason(), *row.cleared);
        EXPECT_EQ(decision.clearance->holes().size(), row.holes_cleared);
    }
    EXPECT_EQ(decision.finish.clean_streak, row.clean_after);
    EXPECT_EQ(decision.finish.silent_streak, row.silent_after);
    EXPECT_EQ(decision.finish.inconclusive_streak, row.inconclusive_after);
    ASSERT_EQ(decision.finish.next_due.has_value(), row.next.has_value());
    if (row.next) {
        EXPECT_EQ(*decision.finish.next_due - now, *row.next);
        EXPECT_EQ(decision.finish.next_kind, row.next_kind);
    }
    EXPECT_NE(decision.finish.outcome.find(row.outcome), std::string::npos) << decision.finish.outcome;
}

constexpr auto open = Verdict::open;
constexpr auto refused = Verdict::refused;
constexpr auto closed = Verdict::closed_port;
constexpr auto lost = Verdict::unreachable;
constexpr auto unclear = Verdict::inconclusive;
constexpr auto owner = ScanKind::owner;
constexpr auto rescan = ScanKind::rescan;

INSTANTIATE_TEST_SUITE_P(
    Rules, PolicyRows,
    ::testing::Values(
        Row{.name = "OpenStaysAndResetsEveryStreak",
            .verdicts = {open},
            .clean = 1,
            .silent = 2,
            .inconclusive = 2,
            .outcome = "Still open: technique/0 on port 25 (words)."},
        Row{.name = "RefusedDelistsAtOnce",
            .verdicts = {refused},
            .kind = owner,
            .cleared = ChangeReason::secured,
            .holes_cleared = 1,
            .clean_after = 1,
            .next = std::nullopt,
            .outcome = "Every way that was open is now refused: delisted."},
        Row{.name = "AutomatedRescanDelistsInTheSameWay",
            .verdicts = {refused, refused},
            .cleared = ChangeReason::secured,
            .holes_cleared = 2,
            .clean_after = 1,
            .next = std::nullopt},
        Row{.name = "RefusedAndClosedPortAreBothExplicit",
            .verdicts = {refused, closed},
            .cleared = ChangeReason::secured,
            .holes_cleared = 2,
            .clean_after = 1,
            .next = std::nullopt,
            .outcome = "or its port is closed"},
        Row{.name = "RefusedBesideOpenIsTakenOffAlone",
            .verdicts = {open, refused},
            .cleared = ChangeReason::secured,
            .holes_cleared = 1,
            .outcome = "taken off the listing: 1 of 2 ways"},
        Row{.name = "ClosedPortBesideOpenStays", .verdicts = {open, closed}},
        Row{.name = "FirstSilentScanCounts",
            .verdicts = {lost},
            .silent_after = 1,
            .outcome = "Nothing answers; 2 more looks like this"},
        Row{.name = "SecondSilentScanCounts",
            .verdicts = {lost},
            .clean = 1,
            .silent = 1,
            .silent_after = 2,
            .outcome = "one more look like this"},
        Row{.name = "ThirdSilentScanDelists",
            .verdicts = {lost},
            .silent = 2,
            .cleared = ChangeReason::silent,
            .holes_cleared = 1,
            .silent_after = 3,
            .next = std::nullopt,
            .outcome = "3 visits in a row: delisted"},
        Row{.name = "ClosedPortsComeBackSoonForAnOwner",
            .verdicts = {closed},
            .kind = owner,
            .silent_after = 1,
            .next = 10s,
            .next_kind = owner,
            .outcome = "Nothing serves there any more"},
        Row{.name = "ClosedPortsOfARescanComeBackTomorrow", .verdicts = {closed}, .silent_after = 1},
        Row{.name = "LostPacketsTakeDaysForAnOwnerToo", .verdicts = {lost, closed}, .kind = owner, .silent_after = 1},
        Row{.name = "UnreachableBesideRefusedIsNotSecured",
            .verdicts = {refused, lost},
            .cleared = ChangeReason::secured,
            .holes_cleared = 1,
            .silent_after = 1},
        Row{.name = "InconclusiveIsNotSecured",
            .verdicts = {unclear},
            .clean = 1,
            .silent = 2,
            .inconclusive_after = 1,
            .outcome = "Not clear yet: technique/0 on port 25"},
        Row{.name = "InconclusiveOutweighsSilence", .verdicts = {unclear, lost}, .inconclusive_after = 1},
        Row{.name = "ThirdInconclusiveScanDelists",
            .verdicts = {unclear},
            .inconclusive = 2,
            .cleared = ChangeReason::inconclusive,
            .holes_cleared = 1,
            .inconclusive_after = 3,
            .next = std::nullopt,
            .outcome = "3 visits in a row: delisted"}),
    [](const auto& info) { return info.param.name; });

TEST(Policy, ThreeRequestsInAMinuteDoNotMakeThreeSilentScans) {
    auto host = listed_host();
    host.silent_streak = 2;
    host.last_counted = now - 20s;
    const auto decision = decide(host, scan_of({step(host.holes[0], lost)}, owner), PolicyRules{}, now);
    EXPECT_FALSE(decision.clearance);
    EXPECT_EQ(decision.finish.silent_streak, 2U);
}

TEST(Policy, ThreeRequestsInAMinuteDoNotMakeThreeInconclusiveScans) {
    auto host = listed_host();
    host.inconclusive_streak = 2;
    host.last_counted = now - 20s;
    const auto decision = decide(host, scan_of({step(host.holes[0], unclear)}, owner), PolicyRules{}, now);
    EXPECT_FALSE(decision.clearance);
    EXPECT_EQ(decision.finish.inconclusive_streak, 2U);
}

TEST(Policy, AnOwnersClosedPortsCountTenSecondsApart) {
    auto host = listed_host();
    host.silent_streak = 2;
    host.last_counted = now - 10s;
    const auto decision = decide(host, scan_of({step(host.holes[0], closed)}, owner), PolicyRules{}, now);
    ASSERT_TRUE(decision.clearance);
    EXPECT_EQ(decision.clearance->reason(), ChangeReason::silent);
}

TEST(Policy, TryAgainLaterIsTriedAgainOnceAndSoon) {
    auto host = listed_host();
    const auto scan = scan_of({step(host.holes[0], unclear, "try again later: 450 greylisted")}, owner);
    auto decision = decide(host, scan, PolicyRules{}, now);
    EXPECT_EQ(*decision.finish.next_due - now, Duration(10min));
    EXPECT_EQ(decision.finish.next_kind, owner);
    EXPECT_EQ(decision.finish.inconclusive_streak, 1U);

    host.inconclusive_streak = 1;
    host.last_counted = now - 10min;
    decision = decide(host, scan, PolicyRules{}, now);
    EXPECT_EQ(*decision.finish.next_due - now, Duration(24h - 10min));
    EXPECT_EQ(decision.finish.inconclusive_streak, 1U);
}

TEST(Policy, ATokenThatCameBackDuringTheVisitIsOpenWhateverItsStepSays) {
    auto host = listed_host();
    host.holes[0].last_proven = now - 1s;
    const auto decision = decide(host, scan_of({step(host.holes[0], refused)}), PolicyRules{}, now);
    EXPECT_FALSE(decision.clearance);
    EXPECT_TRUE(decision.finish.outcome.starts_with("Still open:"));
}

TEST(Policy, AskingOftenPutsNothingOff) {
    auto host = listed_host();
    const PolicyRules rules;
    auto time = now;
    Decision decision;
    for (int visits = 0; visits < 20 && !decision.clearance; ++visits, time += 12h) {
        decision = decide(host, scan_of({step(host.holes[0], Verdict::unreachable)}, owner), rules, time);
        host.last_scan = time;
        if (decision.finish.counted) host.last_counted = time;
        host.silent_streak = decision.finish.silent_streak;
        if (!decision.clearance) {
            EXPECT_LE(*decision.finish.next_due, host.last_counted + rules.silent_spacing);
        }
    }
    ASSERT_TRUE(decision.clearance);
    EXPECT_EQ(time - now, 12h + 2 * rules.silent_spacing); // the third that counts, two days after the first
}

TEST(Policy, EachRequestThatFindsItOpenDoublesTheDistance) {
    auto host = listed_host();
    const PolicyRules rules;
    EXPECT_EQ(owner_spacing(host, rules), rules.owner_spacing);
    const auto open = decide(host, scan_of({step(host.holes[0], Verdict::open)}, owner), rules, now);
    EXPECT_EQ(open.finish.open_answers, 1U);
    host.open_answers = open.finish.open_answers;
    EXPECT_EQ(owner_spacing(host, rules), 2 * rules.owner_spacing);
    host.open_answers = 1000;
    EXPECT_EQ(owner_spacing(host, rules), Duration(1h));
    EXPECT_EQ(decide(host, scan_of({step(host.holes[0], unclear)}, owner), rules, now).finish.open_answers, 0U);
}

TEST(Policy, AnOpenEntryIsNoNewsOfTheExit) {
    auto host = listed_host();
    host.holes.resize(1);
    host.holes[0].entry = Address::v4(203, 0, 113, 77);
    host.holes[0].cls = ListingClass::chain;
    const auto scan = scan_of({step(host.holes[0], Verdict::open)});
    host.holes[0].last_proven = scan.started - 1h;
    EXPECT_TRUE(decide(host, scan, PolicyRules{}, now).finish.outcome.starts_with("Not clear yet:"));
    host.holes[0].last_proven = scan.started; // the token came out here
    EXPECT_FALSE(decide(host, scan, PolicyRules{}, now).finish.outcome.starts_with("Not clear yet:"));
}

TEST(Policy, WhatIsNotProvenAgainForAMonthIsClosed) {
    auto host = listed_host();
    host.holes[0].last_proven = now - 30 * 24h;
    const auto decision =
        decide(host, scan_of({step(host.holes[0], unclear, "not tried: no way to ask")}), PolicyRules{}, now);
    ASSERT_TRUE(decision.clearance);
    EXPECT_EQ(decision.clearance->reason(), ChangeReason::expired);
}

TEST(Policy, ABatchIsSpreadFromItsFirstRescanOn) {
    auto host = listed_host();
    const auto scan = scan_of({step(host.holes[0], Verdict::open)});
    constexpr std::uint32_t half = 0x80000000;
    EXPECT_EQ(decide(host, scan, PolicyRules{}, now, half).finish.next_due, now + 24h + 30min);
    host.listed_since = scan.started;
    EXPECT_EQ(decide(host, scan, PolicyRules{}, now, half).finish.next_due, now + 36h);
}

TEST(Policy, AHostThatIsOnlyListedByHandHasNothingToRefute) {
    Host host;
    host.address = listed_host().address;
    host.manual.push_back({ListingClass::relay, "answers nobody", "carol", now - 1h, now + 24h});
    const auto decision = decide(host, scan_of({}), PolicyRules{}, now);
    EXPECT_FALSE(decision.clearance);
    EXPECT_FALSE(decision.finish.next_due);
    EXPECT_NE(decision.finish.outcome.find("by hand"), std::string::npos) << decision.finish.outcome;
}

TEST(Policy, WhatEndedByOurDoingIsNoFlip) {
    auto host = listed_host();
    host.holes.resize(1);
    host.relistings = 1;
    host.delisted_at = host.listed_since - 1h;
    const auto scan = scan_of({step(host.holes[0], refused)});
    EXPECT_FALSE(decide(host, scan, PolicyRules{}, now).clearance) << "flipped: one clean visit is not enough";
    host.pardoned = true;
    EXPECT_TRUE(decide(host, scan, PolicyRules{}, now).clearance);
}

TEST(Policy, AFirstProofIsNotCalledStillOpen) {
    auto host = listed_host();
    const auto scan = scan_of({step(host.holes[0], Verdict::open)});
    host.listed_since = scan.started;
    EXPECT_TRUE(decide(host, scan, PolicyRules{}, now).finish.outcome.starts_with("Proven open, and listed:"));
}

TEST(Policy, OurOwnTroubleMovesNothing) {
    auto host = listed_host();
    host.inconclusive_streak = 2;
    host.silent_streak = 1;
    const auto decision =
        decide(host, scan_of({step(host.holes[0], unclear, "not tried: no sink")}), PolicyRules{}, now);
    EXPECT_FALSE(decision.clearance);
    EXPECT_FALSE(decision.finish.answered);
    EXPECT_EQ(decision.finish.inconclusive_streak, 2U);
    EXPECT_EQ(decision.finish.silent_streak, 1U);
    EXPECT_EQ(*decision.finish.next_due - now, Duration(24h));
}

TEST(Policy, AHoleThatNoStepSpeaksOfStays) {
    auto host = listed_host({hole("smtp-relay/plain"), hole("socks5/connect", 1080)});
    const auto decision = decide(host, scan_of({step(host.holes[0], refused)}), PolicyRules{}, now);
    ASSERT_TRUE(decision.clearance);
    ASSERT_EQ(decision.clearance->holes().size(), 1U);
    EXPECT_EQ(decision.clearance->holes()[0].technique, "smtp-relay/plain");
    EXPECT_TRUE(decision.finish.next_due);
}

TEST(Policy, StepsOfOtherPortsAndEntriesSayNothing) {
    const auto entry = Address::v4(192, 0, 2, 77);
    auto host = listed_host({hole("smtp-relay/plain", 25, entry)});
    auto elsewhere = step(host.holes[0], refused);
    elsewhere.target = host_address;
    EXPECT_FALSE(decide(host, scan_of({elsewhere}), PolicyRules{}, now).clearance);
    auto other_port = step(host.holes[0], refused);
    other_port.port = 587;
    EXPECT_FALSE(decide(host, scan_of({other_port}), PolicyRules{}, now).clearance);
    EXPECT_TRUE(decide(host, scan_of({step(host.holes[0], refused)}), PolicyRules{}, now).clearance);
}

TEST(Policy, AHostThatFlippedBackNeedsMoreCleanScans) {
    auto host = listed_host();
    host.relistings = 1;
    host.listed_since = now - 48h;
    host.delisted_at = now - 72h;
    const auto scan = scan_of({step(host.holes[0], refused)}, owner);
    const PolicyRules rules;
    auto decision = decide(host, scan, rules, now);
    EXPECT_FALSE(decision.clearance);
    EXPECT_EQ(decision.finish.clean_streak, 1U);
    EXPECT_EQ(*decision.finish.next_due - now, rules.flip_spacing);
    EXPECT_EQ(decision.finish.next_kind, owner);
    EXPECT_NE(decision.finish.outcome.find("within 30 days of its last delisting, so one more look"), std::string::npos)
        << decision.finish.outcome;

    host.clean_streak = 1;
    host.last_counted = now - 1min; // too soon to count
    EXPECT_FALSE(decide(host, scan, rules, now).clearance);
    host.last_counted = now - rules.flip_spacing;
    EXPECT_TRUE(decide(host, scan, rules, now).clearance);
}

TEST(Policy, AHostThatCameBackLongAfterItsDelistingHasNotFlipped) {
    auto host = listed_host();
    host.relistings = 3;
    host.delisted_at = host.listed_since - 31 * 24h;
    EXPECT_TRUE(decide(host, scan_of({step(host.holes[0], refused)}), PolicyRules{}, now).clearance);
}

TEST(Policy, NobodyCouldReachItForTooLong) {
    auto host = listed_host();
    host.listed_since = now - 30 * 24h;
    host.last_answer = now - 14 * 24h;
    const auto decision = decide(host, scan_of({step(host.holes[0], lost)}), PolicyRules{}, now);
    ASSERT_TRUE(decision.clearance);
    EXPECT_EQ(decision.clearance->reason(), ChangeReason::expired);
    EXPECT_FALSE(decision.finish.next_due);
    host.last_answer = now - 13 * 24h;
    EXPECT_FALSE(decide(host, scan_of({step(host.holes[0], lost)}), PolicyRules{}, now).clearance);
}

TEST(Policy, AnAnswerIsRemembered) {
    const auto host = listed_host();
    EXPECT_TRUE(decide(host, scan_of({step(host.holes[0], refused)}), PolicyRules{}, now).finish.answered);
    EXPECT_FALSE(decide(host, scan_of({step(host.holes[0], closed)}), PolicyRules{}, now).finish.answered);
    EXPECT_FALSE(decide(host, scan_of({step(host.holes[0], lost)}), PolicyRules{}, now).finish.answered);
}

TEST(Policy, AnUnlistedHostIsNotVisitedAgain) {
    Host host;
    host.address = host_address;
    for (const auto verdict : {refused, closed, lost, unclear}) {
        const auto decision = decide(host, scan_of({step(hole("x"), verdict)}, ScanKind::report), PolicyRules{}, now);
        EXPECT_FALSE(decision.finish.next_due);
        EXPECT_FALSE(decision.clearance);
        EXPECT_NE(decision.finish.outcome.find("not listed"), std::string::npos) << decision.finish.outcome;
    }
}

// A purge, or an exclusion that was taken back, while the visit that had proven it was on.
TEST(Policy, WhatWasTakenBackDuringTheVisitWasNotClosed) {
    Host host;
    host.address = host_address;
    host.listed_since = host.delisted_at = now - 30s; // the visit began a minute ago
    const auto outcome = [&](Verdict verdict, const char* detail = "words") {
        const auto decision = decide(host, scan_of({step(hole("smtp-relay/plain"), verdict, detail)}, ScanKind::report),
                                     PolicyRules{}, now);
        EXPECT_FALSE(decision.finish.next_due);
        EXPECT_FALSE(decision.clearance);
        return decision.finish.outcome;
    };
    EXPECT_EQ(outcome(open), "Proven open: smtp-relay/plain on port 25 (words), and taken off the list again while the "
                             "visit was on: not listed.");
    // The mail came behind the step.
    EXPECT_EQ(outcome(unclear, "accepted, but nothing has arrived"),
              "Proven open, and taken off the list again while the visit was on: not listed.");
    host.listed_since = now - 48h; // listed by an earlier visit, and not proven again by this one
    EXPECT_EQ(outcome(refused), "Nothing is open, what answers refuses: not listed.");
    host.delisted_at = now - 2h;
    EXPECT_EQ(outcome(open), "Found open: smtp-relay/plain on port 25 (words), and not listed for it by the rules: not "
                             "listed.");
}

TEST(Policy, AnUnlistedHostThatSaysLaterIsVisitedOnceMore) {
    Host host;
    host.address = host_address;
    const auto scan = scan_of({step(hole("x"), unclear, "try again later: 451 greylisted")}, ScanKind::report);
    const auto first = decide(host, scan, PolicyRules{}, now);
    ASSERT_TRUE(first.finish.next_due);
    EXPECT_EQ(*first.finish.next_due - now, Duration(10min));
    host.inconclusive_streak = first.finish.inconclusive_streak;
    EXPECT_FALSE(decide(host, scan, PolicyRules{}, now).finish.next_due);
}

TEST(OwnerMayAsk, OncePerSpacing) {
    Scan last;
    last.requested = now - 9s;
    const auto refusal = owner_may_ask(std::nullopt, last, PolicyRules{}, now);
    ASSERT_FALSE(refusal);
    EXPECT_EQ(refusal.error().code, Errc::not_allowed);
    EXPECT_NE(refusal.error().message.find(to_string(last.requested + 10s)), std::string::npos);
    last.requested = now - 10s;
    EXPECT_TRUE(owner_may_ask(std::nullopt, last, PolicyRules{}, now));
    EXPECT_TRUE(owner_may_ask(std::nullopt, std::nullopt, PolicyRules{}, now));
}

TEST(OwnerMayAsk, NotBeforeALookThatIsSetForHim) {
    auto host = listed_host();
    host.queued_scan = 8;
    host.due_kind = owner;
    host.due = now + 30min;
    const auto refusal = owner_may_ask(host, std::nullopt, PolicyRules{}, now);
    ASSERT_FALSE(refusal);
    EXPECT_NE(refusal.error().message.find(to_string(host.due)), std::string::npos);
    host.due_kind = rescan;
    EXPECT_TRUE(owner_may_ask(host, std::nullopt, PolicyRules{}, now));
}

} // namespace
} // namespace provenbl::verifier
