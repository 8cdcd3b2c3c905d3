// What a visit tries, and in which order.
#include "verifier/plan.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace provenbl::verifier {
namespace {

Awaitable<void> run_mail(ProbeContext&, std::span<const Technique* const>, std::span<ProbeResult>) {
    co_return;
}
Awaitable<void> run_socks(ProbeContext&, std::span<const Technique* const>, std::span<ProbeResult>) {
    co_return;
}

constexpr std::array<std::uint16_t, 2> mail_ports{25, 587};
constexpr std::array<std::uint16_t, 1> socks_ports{1080};
const Technique plain{"mail/plain", ListingClass::relay, mail_ports, "", 2, run_mail};
const Technique percent{"mail/percent", ListingClass::relay, mail_ports, "", 2, run_mail};
const Technique bang{"mail/bang", ListingClass::relay, mail_ports, "", 2, run_mail};
const Technique socks{"socks", ListingClass::socks, socks_ports, "", 1, run_socks};
const std::array<const Technique*, 4> techniques{&plain, &percent, &bang, &socks};
const Technique rare{"mail/rare", ListingClass::relay, mail_ports, "", 2, run_mail, Stage::suspicion};
const Technique rarest{"mail/rarest", ListingClass::relay, mail_ports, "", 2, run_mail, Stage::thorough};
const std::array<const Technique*, 3> staged{&plain, &rare, &rarest};

const Address host_address = Address::v4(192, 0, 2, 1);

// "25: mail/plain mail/percent", "192.0.2.9 25: ..." for another target than the host.
std::vector<std::string> plan(const Host& host, ScanKind kind, std::vector<std::uint16_t> ports = {}) {
    Scan scan;
    scan.host = host.address;
    scan.kind = kind;
    scan.ports = std::move(ports);
    std::vector<std::string> lines;
    for (const auto& attempt : plan_visit(host, scan, techniques)) {
        auto line = attempt.target.address == host.address ? "" : attempt.target.address.to_string() + " ";
        line += std::to_string(attempt.target.port) + ":";
        for (const auto* technique : attempt.techniques) line += " " + std::string(technique->name);
        lines.push_back(line);
    }
    return lines;
}

Host unlisted() {
    Host host;
    host.address = host_address;
    return host;
}

Hole hole(std::string technique, std::uint16_t port, ListingClass cls, Address entry = host_address) {
    Hole made;
    made.technique = std::move(technique);
    made.entry = entry;
    made.port = port;
    made.cls = cls;
    return made;
}

using Lines = std::vector<std::string>;

TEST(Plan, AReportTriesEachTechniqueAtItsPorts) {
    EXPECT_EQ(plan(unlisted(), ScanKind::report),
              (Lines{"25: mail/plain mail/percent", "25: mail/bang", "587: mail/plain mail/percent", "587: mail/bang",
                     "1080: socks"}));
}

TEST(Plan, ReportedPortsComeFirstWithEveryTechniqueAndOnce) {
    EXPECT_EQ(plan(unlisted(), ScanKind::report, {9999, 25}),
              (Lines{"9999: mail/plain mail/percent", "9999: mail/bang", "9999: socks", "25: mail/plain mail/percent",
                     "25: mail/bang", "25: socks", "587: mail/plain mail/percent", "587: mail/bang", "1080: socks"}));
}

TEST(Plan, AtAReportedPortItsOwnTechniquesComeFirst) {
    const auto lines = plan(unlisted(), ScanKind::report, {1080});
    ASSERT_GE(lines.size(), 3U);
    EXPECT_EQ(lines[0], "1080: socks");
    EXPECT_EQ(lines[1], "1080: mail/plain mail/percent");
}

TEST(Plan, AnOwnersRequestForAnUnlistedHostIsAReport) {
    EXPECT_EQ(plan(unlisted(), ScanKind::owner), plan(unlisted(), ScanKind::report));
}

TEST(Plan, ARescanTriesTheHolesAndThenTheRestOfTheirClassThere) {
    auto host = unlisted();
    host.holes = {hole("mail/bang", 2525, ListingClass::relay), hole("mail/plain", 2525, ListingClass::relay)};
    const Lines wanted{"2525: mail/plain mail/bang", "2525: mail/percent"};
    EXPECT_EQ(plan(host, ScanKind::rescan), wanted);
    EXPECT_EQ(plan(host, ScanKind::owner), wanted);
}

// An owner's request that a report with ports was merged into: both are answered, the proven ways first.
TEST(Plan, ReportedPortsAreTriedOnAListedHostToo) {
    auto host = unlisted();
    host.holes = {hole("mail/plain", 2525, ListingClass::relay)};
    const auto lines = plan(host, ScanKind::owner, {1080});
    ASSERT_GE(lines.size(), 2U);
    EXPECT_EQ(lines[0], "2525: mail/plain");
    EXPECT_EQ(lines[1], "1080: socks");
}

// An owner who has fixed a port of TCP does not wait for datagrams that nobody answers.
TEST(Plan, AHoleOfTcpBringsNoTechniqueOfDatagrams) {
    const Technique datagrams{"relay/udp", ListingClass::socks, socks_ports, "", 1,
                              run_socks,   Stage::always,       false,       {}, true};
    const std::array<const Technique*, 2> both{&socks, &datagrams};
    auto host = unlisted();
    Scan scan;
    scan.host = host_address;
    scan.kind = ScanKind::owner;
    const auto names = [&] {
        std::vector<std::string_view> all;
        for (const auto& attempt : plan_visit(host, scan, both)) all.push_back(attempt.techniques.front()->name);
        return all;
    };
    host.holes = {hole("socks", 1080, ListingClass::socks)};
    EXPECT_EQ(names(), (std::vector<std::string_view>{"socks"}));
    host.holes = {hole("relay/udp", 1080, ListingClass::socks)};
    EXPECT_EQ(names(), (std::vector<std::string_view>{"relay/udp"}));
}

TEST(Plan, TheExitOfAChainIsJudgedAtItsEntry) {
    auto host = unlisted();
    host.holes = {hole("socks", 1080, ListingClass::chain, Address::v4(192, 0, 2, 9))};
    EXPECT_EQ(plan(host, ScanKind::rescan), (Lines{"192.0.2.9 1080: socks"}));
}

TEST(Plan, ANewReportOfAListedHostJudgesItsHolesToo) {
    auto host = unlisted();
    host.holes = {hole("socks", 4145, ListingClass::socks)};
    const auto lines = plan(host, ScanKind::report, {9999});
    ASSERT_EQ(lines.size(), 9U);
    EXPECT_EQ(lines[0], "4145: socks");
    EXPECT_EQ(lines[1], "9999: mail/plain mail/percent");
}

// Stages don't share a conversation: a visit may skip the later one.
TEST(Plan, WhatWaitsForSuspicionIsPlannedApartAndTheRarestOnlyWhenAskedFor) {
    Scan scan;
    scan.host = host_address;
    scan.ports = {25};
    const auto usual = plan_visit(unlisted(), scan, staged);
    ASSERT_EQ(usual.size(), 4U); // ports 25 and 587
    EXPECT_EQ(usual[0].stage, Stage::always);
    EXPECT_EQ(usual[0].techniques, (std::vector<const Technique*>{&plain}));
    EXPECT_EQ(usual[1].stage, Stage::suspicion);
    EXPECT_EQ(usual[1].techniques, (std::vector<const Technique*>{&rare}));

    const auto thorough = plan_visit(unlisted(), scan, staged, true);
    ASSERT_EQ(thorough.size(), 4U);
    EXPECT_EQ(thorough[0].techniques, (std::vector<const Technique*>{&plain, &rare}));
    EXPECT_EQ(thorough[1].techniques, (std::vector<const Technique*>{&rarest}));
    for (const auto& attempt : thorough) EXPECT_EQ(attempt.stage, Stage::always);
}

TEST(Plan, WhatWasProvenIsTriedWhateverItsStage) {
    auto host = unlisted();
    host.holes = {hole("mail/rarest", 25, ListingClass::relay)};
    Scan scan;
    scan.host = host_address;
    scan.kind = ScanKind::owner;
    const auto plan = plan_visit(host, scan, staged);
    ASSERT_EQ(plan.size(), 3U);
    EXPECT_EQ(plan[0].techniques, (std::vector<const Technique*>{&rarest}));
    EXPECT_EQ(plan[0].stage, Stage::always);
    EXPECT_EQ(plan[1].techniques, (std::vector<const Technique*>{&plain}));
    EXPECT_EQ(plan[2].stage, Stage::suspicion);
}

TEST(Plan, ATechniqueThatIsGoneIsNotPlanned) {
    auto host = unlisted();
    host.holes = {hole("gone", 25, ListingClass::relay)};
    EXPECT_EQ(plan(host, ScanKind::rescan), (Lines{"25: mail/plain mail/percent", "25: mail/bang"}));
}

TEST(Plan, of_a_network_the_addresses_that_were_named_are_tried) {
    Scan scan;
    scan.host = Address::parse("2a00:1:2:3::").value();
    scan.targets = {Address::parse("2a00:1:2:3::5").value(), Address::parse("2a00:1:2:3::6").value()};
    scan.ports = {25};
    Host host;
    host.address = scan.host;
    std::vector<Address> tried;
    for (const auto& attempt : plan_visit(host, scan, techniques)) {
        if (tried.empty() || tried.back() != attempt.target.address) tried.push_back(attempt.target.address);
    }
    // The named ports of both come first, then the usual ones.
    EXPECT_EQ(tried, (std::vector{scan.targets[0], scan.targets[1], scan.targets[0], scan.targets[1]}));
}

} // namespace
} // namespace provenbl::verifier
