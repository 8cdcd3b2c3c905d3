// What a worker's word is worth.
#include "verifier/carried_steps.hpp"
#include "verifier/policy.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;

const Address suspect = Address::v4(127, 0, 0, 10);
const Time began{1'800'000'000s};

Scan scan_of_suspect() {
    Scan scan;
    scan.host = suspect;
    scan.kind = ScanKind::owner;
    scan.started = began;
    return scan;
}

ScanStep step(Verdict verdict, std::string detail = "words", std::string technique = "smtp-relay/plain") {
    return {began + 1s, std::move(technique), suspect, 25, verdict, std::move(detail)};
}

Host host_with_hole(Time last_proven) {
    Host host;
    host.address = suspect;
    host.listed_since = began - 48h;
    host.holes = {{"smtp-relay/plain", suspect, 25, ListingClass::relay, 0, began - 48h, last_proven}};
    return host;
}

TEST(CarriedSteps, open_is_a_claim_until_the_store_has_the_proof) {
    const auto claimed = weigh(Host{}, scan_of_suspect(), step(Verdict::open), "frankfurt");
    EXPECT_EQ(claimed.verdict, Verdict::inconclusive);
    EXPECT_EQ(claimed.detail, "the worker frankfurt found it open, which proves nothing by itself: words");
    EXPECT_EQ(weigh(host_with_hole(began - 1s), scan_of_suspect(), step(Verdict::open), "w").verdict,
              Verdict::inconclusive)
        << "the proof is an older visit's";
    EXPECT_EQ(weigh(host_with_hole(began), scan_of_suspect(), step(Verdict::open), "w").verdict, Verdict::open);
    EXPECT_EQ(weigh(Host{}, scan_of_suspect(), step(Verdict::refused), "w"), step(Verdict::refused));
}

TEST(CarriedSteps, claims_are_looked_at_once_each) {
    const auto claims = to_look_at(
        Host{}, scan_of_suspect(),
        {step(Verdict::open), step(Verdict::refused), step(Verdict::open), step(Verdict::open, "", "turn/udp")}, {},
        false);
    EXPECT_EQ(claims, (std::vector<Claim>{{"smtp-relay/plain", {suspect, 25}}, {"turn/udp", {suspect, 25}}}));
    EXPECT_TRUE(to_look_at(host_with_hole(began), scan_of_suspect(), {step(Verdict::open)}, {}, false).empty());
}

TEST(CarriedSteps, where_two_must_agree_every_listed_way_is_looked_at) {
    const auto host = host_with_hole(began - 1h);
    EXPECT_TRUE(to_look_at(host, scan_of_suspect(), {step(Verdict::refused)}, {}, false).empty());
    EXPECT_EQ(to_look_at(host, scan_of_suspect(), {step(Verdict::refused)}, {}, true).size(), 1U);
}

TEST(CarriedSteps, a_flood_of_claims_is_bounded) {
    std::vector<ScanStep> flood;
    for (int i = 0; i < 1000; ++i) {
        flood.push_back(step(Verdict::open));
        flood.back().port = static_cast<std::uint16_t>(i + 1);
    }
    EXPECT_EQ(to_look_at(Host{}, scan_of_suspect(), flood, {}, false).size(), most_claims);
}

// What the policy makes of a visit in which `theirs` and then `ours` was found.
bool delisted(const std::vector<ScanStep>& theirs, const std::vector<ScanStep>& ours) {
    const auto host = host_with_hole(began - 1h);
    auto scan = scan_of_suspect();
    scan.state = ScanState::finished;
    const auto add = [&](const std::vector<ScanStep>& steps) {
        for (const auto& one : steps) scan.steps.push_back(weigh(host, scan, one, "w"));
    };
    add(theirs);
    add(ours);
    add(settle(host, theirs, ours, "w", began + 2s));
    return decide(host, scan, PolicyRules{}, began + 3s, 0).clearance.has_value();
}

TEST(CarriedSteps, a_delisting_takes_two_that_agree) {
    const std::vector<ScanStep> refused{step(Verdict::refused)};
    EXPECT_TRUE(delisted(refused, refused));
    EXPECT_FALSE(delisted(refused, {step(Verdict::open)}));
    EXPECT_FALSE(delisted(refused, {step(Verdict::unreachable)}));
    EXPECT_FALSE(delisted(refused, {step(Verdict::inconclusive)}));
    EXPECT_FALSE(delisted(refused, {step(Verdict::inconclusive, "not tried: no sink")})) << "trouble of our own";
    EXPECT_FALSE(delisted(refused, {}));
    EXPECT_FALSE(delisted({step(Verdict::open)}, refused));
    EXPECT_FALSE(delisted({step(Verdict::inconclusive)}, refused));
    EXPECT_FALSE(delisted({step(Verdict::open), step(Verdict::refused)}, refused)) << "one open step decides";
}

TEST(CarriedSteps, a_worker_that_did_not_get_there_keeps_no_fixed_host_listed) {
    const std::vector<ScanStep> refused{step(Verdict::refused)};
    EXPECT_TRUE(delisted({step(Verdict::unreachable)}, refused)) << "its network lets nobody out to port 25, say";
    EXPECT_TRUE(delisted({step(Verdict::closed_port)}, refused));
    EXPECT_TRUE(delisted({}, refused)) << "it did not try";
    EXPECT_TRUE(delisted({step(Verdict::inconclusive, "not tried: no sink")}, refused));
}

TEST(CarriedSteps, claims_keep_no_listed_way_from_our_look) {
    std::vector<ScanStep> flood;
    for (std::size_t i = 0; i < most_claims; ++i) {
        flood.push_back(step(Verdict::open));
        flood.back().port = static_cast<std::uint16_t>(i + 1000);
    }
    const std::vector<Claim> held{{"turn/udp", {suspect, 3478}}};
    const auto claims = to_look_at(host_with_hole(began - 1h), scan_of_suspect(), flood, held, true);
    ASSERT_EQ(claims.size(), most_claims);
    EXPECT_EQ(claims[0], (Claim{"smtp-relay/plain", {suspect, 25}}));
    EXPECT_EQ(claims[1], held[0]);
}

} // namespace
} // namespace provenbl::verifier
