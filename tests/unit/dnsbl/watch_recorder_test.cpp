#include "dnsbl/watch/recorder.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace provenbl::dnsbl::watch {
namespace {

Outcome answered(std::uint16_t zone, std::uint16_t type, wire::Rcode rcode, bool listed = false) {
    Outcome outcome;
    outcome.size = 100;
    outcome.zone = zone;
    outcome.type = type;
    outcome.rcode = rcode;
    outcome.listed = listed;
    return outcome;
}

ServerStatistics empty_sum(std::size_t zones) {
    ServerStatistics sum;
    sum.zones.resize(zones + 1);
    return sum;
}

std::uint64_t at(const AnswerCounts& counts, TypeKind kind) {
    return counts.types[static_cast<std::size_t>(kind)];
}

TEST(Recorder, CountsByZoneTypeAndResult) {
    using wire::Rcode;
    Recorder recorder(Transport::udp, 2);
    recorder.count(answered(0, wire::type::a, Rcode::noerror, true));
    recorder.count(answered(0, wire::type::a, Rcode::nxdomain));
    recorder.count(answered(1, wire::type::txt, Rcode::noerror));
    recorder.count(answered(Outcome::none, wire::type::a, Rcode::refused));
    recorder.count(answered(7, wire::type::a, Rcode::refused)); // a zone that nobody has counts as none
    auto sum = empty_sum(2);
    recorder.add_to(sum);
    EXPECT_EQ(sum.udp_queries, 5U);
    EXPECT_EQ(sum.tcp_queries, 0U);
    EXPECT_EQ(sum.zones[0].answers.of(AnswerKind::listed), 1U);
    EXPECT_EQ(sum.zones[0].answers.of(AnswerKind::nxdomain), 1U);
    EXPECT_EQ(at(sum.zones[0].answers, TypeKind::a), 2U);
    EXPECT_EQ(at(sum.zones[1].answers, TypeKind::txt), 1U);
    EXPECT_EQ(sum.zones[1].answers.of(AnswerKind::noerror), 1U);
    EXPECT_EQ(sum.zones[2].answers.of(AnswerKind::refused), 2U);
    EXPECT_EQ(sum.answers.total(), 5U);
}

TEST(Recorder, WhatIsRareIsCountedToo) {
    Recorder recorder(Transport::tcp, 0);
    auto truncated = answered(Outcome::none, 65280, wire::Rcode::noerror);
    truncated.truncated = true;
    recorder.count(truncated);
    recorder.count(answered(Outcome::none, 0, static_cast<wire::Rcode>(4095)));
    Outcome dropped;
    recorder.count(dropped);
    dropped.drop = Drop::limited;
    recorder.count(dropped);
    auto sum = empty_sum(0);
    recorder.add_to(sum);
    EXPECT_EQ(sum.tcp_queries, 4U);
    EXPECT_EQ(sum.truncated, 1U);
    EXPECT_EQ(sum.dropped, 2U);
    EXPECT_EQ(sum.drops[static_cast<std::size_t>(Drop::unreadable)], 1U);
    EXPECT_EQ(sum.drops[static_cast<std::size_t>(Drop::limited)], 1U);
    EXPECT_EQ(sum.answers.of(AnswerKind::other), 1U);
    EXPECT_EQ(at(sum.answers, TypeKind::other), 1U);
    EXPECT_EQ(at(sum.answers, TypeKind::none), 1U);
}

// One number for each type and rcode, whatever comes from outside.
TEST(Recorder, EveryTypeAndRcodeHasAPlace) {
    Recorder recorder(Transport::udp, 1);
    std::uint64_t count = 0;
    for (unsigned type = 0; type < 65536; type += 7) {
        for (unsigned rcode = 0; rcode < 64; ++rcode, ++count)
            recorder.count(answered(0, static_cast<std::uint16_t>(type), static_cast<wire::Rcode>(rcode)));
    }
    auto sum = empty_sum(1);
    recorder.add_to(sum);
    EXPECT_EQ(sum.zones[0].answers.total(), count);
    EXPECT_EQ(sum.udp_queries, count);
}

TEST(Recorder, ABatchIsOneMeasurementOfAllItsAnswers) {
    Recorder recorder(Transport::udp, 0);
    recorder.took(std::chrono::microseconds{50}, 64);
    recorder.took(std::chrono::microseconds{50}, 0);
    auto sum = empty_sum(0);
    recorder.add_to(sum);
    EXPECT_EQ(sum.udp_latency.total(), 64U);
    EXPECT_EQ(sum.tcp_latency.total(), 0U);
}

// Readers look on while the thread writes; tsan sees that they may.
TEST(Recorder, IsReadWhileItIsWritten) {
    Recorder recorder(Transport::udp, 1);
    std::thread worker([&] {
        for (int i = 0; i < 20'000; ++i) {
            recorder.count(answered(0, wire::type::a, wire::Rcode::nxdomain));
            recorder.took(std::chrono::nanoseconds{i}, 1);
        }
    });
    std::uint64_t before = 0;
    for (int i = 0; i < 100; ++i) {
        auto sum = empty_sum(1);
        recorder.add_to(sum);
        EXPECT_GE(sum.udp_queries, before);
        before = sum.udp_queries;
    }
    worker.join();
    auto sum = empty_sum(1);
    recorder.add_to(sum);
    EXPECT_EQ(sum.udp_queries, 20'000U);
}

} // namespace
} // namespace provenbl::dnsbl::watch
