// Every state that a host can be in, and the two sentences that it gets.
#include "tests/support/store_fixture.hpp"
#include "tools/api/why.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools::api {
namespace {

using namespace std::chrono_literals;
using test::ip;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const Address suspect = ip("5.6.7.8");
const Time now{std::chrono::hours(24 * 365 * 50)};

std::string at(Duration since_now) {
    return to_string(now + since_now);
}

WhyFacts unknown() {
    WhyFacts facts;
    facts.host.address = suspect;
    facts.host.now = now;
    return facts;
}

Hole hole(const char* technique, std::uint16_t port, Duration first = -48h, Duration last = -48h) {
    Hole made;
    made.technique = technique;
    made.entry = suspect;
    made.port = port;
    made.first_proven = now + first;
    made.last_proven = now + last;
    return made;
}

Change change(std::uint64_t sequence, Duration when, ClassSet before, ClassSet after, ChangeReason reason) {
    Change made;
    made.sequence = made.case_id = sequence;
    made.at = now + when;
    made.address = suspect;
    made.before = before;
    made.after = after;
    made.reason = reason;
    return made;
}

const ClassSet relay{ListingClass::relay};

// Listed two days ago by one way, with tomorrow's rescan queued.
WhyFacts listed() {
    auto facts = unknown();
    Host host;
    host.address = suspect;
    host.holes = {hole("smtp-relay/plain", 25)};
    host.case_id = 7;
    host.listed_since = host.last_answer = now - 48h;
    host.scans = 3;
    host.queued_scan = 9;
    host.due_kind = ScanKind::rescan;
    host.due = now + 5h;
    facts.host.host = host;
    Scan next;
    next.id = 9;
    next.due = host.due;
    next.kind = ScanKind::rescan;
    facts.host.next_visit = next;
    facts.changes = {change(7, -48h, {}, relay, ChangeReason::proven)};
    return facts;
}

WhyFacts delisted(ChangeReason reason) {
    auto facts = listed();
    facts.host.host->holes.clear();
    facts.host.host->delisted_at = now - 2h;
    facts.host.next_visit.reset();
    facts.changes.insert(facts.changes.begin(), change(8, -2h, relay, {}, reason));
    facts.changes[0].case_id = 7;
    return facts;
}

// Both are one sentence each: no full stop but the last, outside of names and words of others.
void expect_sentences(const Why& text) {
    for (const auto& sentence : {text.reason, text.way_out}) {
        EXPECT_TRUE(sentence.ends_with(".")) << sentence;
        EXPECT_EQ(sentence.find(". "), std::string::npos) << sentence;
    }
}

TEST(Why, NeverSeen) {
    const auto text = why(unknown(), {});
    EXPECT_EQ(text.reason, "5.6.7.8 is not listed and never was: it has not been visited.");
    EXPECT_EQ(text.way_out, "There is nothing to end; no visit is planned.");
}

TEST(Why, VisitedAndNeverListed) {
    auto facts = unknown();
    facts.host.host.emplace();
    facts.host.host->scans = 2;
    EXPECT_EQ(why(facts, {}).reason, "5.6.7.8 is not listed and never was: 2 visits proved nothing.");
}

TEST(Why, ListedByOneWay) {
    const auto text = why(listed(), {});
    EXPECT_EQ(text.reason, "5.6.7.8 is listed as relay since " + at(-48h) +
                               " (case 7) because our tokens came back through smtp-relay/plain on port 25 (proven " +
                               at(-48h) + ").");
    EXPECT_EQ(text.way_out, "It ends when a visit finds smtp-relay/plain on port 25 refused; its owner can have it "
                            "looked at now, with `provenbl delist 5.6.7.8` or on its page; we look again by ourselves "
                            "at " +
                                at(5h) + ".");
    expect_sentences(text);
}

TEST(Why, ListedBySeveralWays) {
    auto facts = listed();
    for (const char* technique : {"smtp-relay/percent", "smtp-relay/bang", "socks5/connect"})
        facts.host.host->holes.push_back(hole(technique, 25, -24h, -1h));
    const auto text = why(facts, {});
    EXPECT_THAT(text.reason,
                HasSubstr("smtp-relay/percent on port 25 (first proven " + at(-24h) + ", last " + at(-1h)));
    EXPECT_THAT(text.reason, HasSubstr("and 1 more"));
    EXPECT_THAT(text.way_out, HasSubstr("finds all 4 ways refused"));
    expect_sentences(text);
}

TEST(Why, ListedAsTheExitOfAChain) {
    auto facts = listed();
    auto& way = facts.host.host->holes[0];
    way.cls = ListingClass::chain;
    way.entry = ip("9.9.9.9");
    const auto text = why(facts, {});
    EXPECT_THAT(text.reason, HasSubstr("smtp-relay/plain into 9.9.9.9 port 25 and out of 5.6.7.8"));
    EXPECT_THAT(text.way_out, HasSubstr("at the entry that leads to it"));
    expect_sentences(text);
}

TEST(Why, FlippedBack) {
    auto facts = listed();
    facts.host.host->relistings = 1;
    facts.host.host->delisted_at = facts.host.host->listed_since - 24h;
    facts.host.host->clean_streak = 1;
    facts.changes.push_back(change(5, -72h, relay, {}, ChangeReason::secured));
    facts.changes.push_back(change(4, -96h, {}, relay, ChangeReason::proven));
    const auto text = why(facts, {});
    EXPECT_THAT(text.reason, HasSubstr("(case 7, for the 2nd time)"));
    EXPECT_THAT(text.way_out, HasSubstr("when 2 visits in a row find smtp-relay/plain on port 25 refused, an hour "
                                        "apart, because it was listed again within 30 days of a delisting (1 so far)"));
    expect_sentences(text);
}

TEST(Why, Silent) {
    auto facts = listed();
    facts.host.host->silent_streak = 2;
    const auto text = why(facts, {});
    EXPECT_THAT(text.way_out, HasSubstr("nothing has answered in 2 visits, after 3 in a row the listing ends too"));
    EXPECT_THAT(text.way_out, HasSubstr("at " + at(-48h + 14 * 24h) + " it expires if nobody has reached the host"));
    expect_sentences(text);
}

TEST(Why, Inconclusive) {
    auto facts = listed();
    facts.host.host->inconclusive_streak = 1;
    EXPECT_THAT(why(facts, {}).way_out, HasSubstr("in one visit it took what we sent and nothing came back, after 3"));
}

TEST(Why, TheOwnerHasJustAsked) {
    auto facts = listed();
    facts.last_request.emplace();
    facts.last_request->requested = now - 4s;
    EXPECT_THAT(why(facts, {}).way_out, HasSubstr("its owner can ask for the next look from " + at(6s) + " on"));
}

TEST(Why, AVisitIsUnderWay) {
    auto facts = listed();
    facts.host.next_visit->state = ScanState::running;
    EXPECT_THAT(why(facts, {}).way_out, HasSubstr("a visit is under way"));
    facts.host.next_visit->state = ScanState::queued;
    facts.host.next_visit->due = now;
    EXPECT_THAT(why(facts, {}).way_out, HasSubstr("a visit is about to begin"));
}

TEST(Why, ListedBeforeAndWhyItEnded) {
    const struct {
        ChangeReason reason;
        const char* words;
    } cases[] = {{ChangeReason::secured, "every way that was open was refused"},
                 {ChangeReason::silent, "nothing answered any more"},
                 {ChangeReason::inconclusive, "what was proven could not be proven again"},
                 {ChangeReason::expired, "nothing was proven again for too long"},
                 {ChangeReason::excluded, "it was excluded"},
                 {ChangeReason::manual_ended, "the listing by hand came to its end"},
                 {ChangeReason::purged, "its listing was part of a bad batch"}};
    for (const auto& each : cases) {
        const auto text = why(delisted(each.reason), {});
        EXPECT_THAT(text.reason, HasSubstr("its last listing (case 7) ended at " + at(-2h) + " because " + each.words));
        expect_sentences(text);
    }
    const auto text = why(delisted(ChangeReason::secured), {});
    EXPECT_EQ(text.way_out, "There is nothing to end; no visit is planned; proven open again before " +
                                at(-2h + 30 * 24h) + " it would need 2 clean visits in a row, an hour apart.");
    auto pardoned = delisted(ChangeReason::purged);
    pardoned.host.host->pardoned = true;
    EXPECT_THAT(why(pardoned, {}).way_out, Not(HasSubstr("clean visits")));
}

TEST(Why, TheAuditRemembersWhatTheJournalHasLost) {
    auto facts = delisted(ChangeReason::secured);
    facts.changes.clear();
    AuditLine line;
    line.case_id = 7;
    line.listed = now - 48h;
    line.ended = now - 2h;
    line.closed = ChangeReason::silent;
    facts.audit = {line};
    EXPECT_THAT(why(facts, {}).reason,
                HasSubstr("its last listing (case 7) ended at " + at(-2h) + " because nothing answered any more"));
    auto again = listed();
    again.audit = {line, line};
    EXPECT_THAT(why(again, {}).reason, HasSubstr("for the 3rd time"));
}

TEST(Why, Excluded) {
    auto facts = delisted(ChangeReason::excluded);
    facts.host.exclusion = Exclusion{Prefix::parse("5.6.7.0/24").value(), "asked by its owner", "bob", now - 1h, {}};
    auto text = why(facts, {});
    EXPECT_EQ(text.reason, "5.6.7.8 is not listed: 5.6.7.0/24 is excluded from probing and listing since " + at(-1h) +
                               ", for good (asked by its owner).");
    EXPECT_EQ(text.way_out, "As long as the exclusion stands it is neither visited nor listed.");
    facts.host.exclusion->until = now + 24h;
    text = why(facts, {});
    EXPECT_THAT(text.reason, AllOf(HasSubstr("until " + at(24h)), Not(HasSubstr("bob"))));
    EXPECT_EQ(text.way_out, "It can be visited and listed again from " + at(24h) + " on.");
}

TEST(Why, ListedByHand) {
    auto facts = listed();
    facts.host.host->holes.clear();
    facts.host.host->manual = {{ListingClass::relay, "spam, and nobody answers", "bob", now - 48h, now + 24h}};
    auto text = why(facts, {});
    EXPECT_THAT(text.reason, AllOf(HasSubstr("by hand and without proof"), HasSubstr("spam, and nobody answers"),
                                   Not(HasSubstr("bob")), Not(HasSubstr("tokens"))));
    EXPECT_THAT(text.way_out, HasSubstr("it ends by itself at " + at(24h)));
    expect_sentences(text);

    facts.host.host->holes = {hole("smtp-relay/plain", 25)};
    text = why(facts, {});
    EXPECT_THAT(text.reason, AllOf(HasSubstr("tokens"), HasSubstr("also by hand")));
    EXPECT_THAT(text.way_out, HasSubstr("the listing by hand ends at " + at(24h)));
    expect_sentences(text);
}

TEST(Why, TheListIsShutDown) {
    auto facts = listed();
    facts.host.shut_down = true;
    EXPECT_THAT(why(facts, {}).reason, HasSubstr("the list is shut down, so nothing of this is in DNS"));
}

} // namespace
} // namespace provenbl::tools::api
