// The responder's figures, from counters to what people read.
#include "tools/api/dns_statistics.hpp"
#include "tools/cli/dns_status.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace provenbl::tools {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;

dnsbl::ServerStatistics some_statistics() {
    dnsbl::ServerStatistics of;
    of.udp_queries = 10;
    of.listed = 3;
    of.dropped = 1;
    of.drops[static_cast<std::size_t>(dnsbl::Drop::limited)] = 1;
    of.zones = {{"bl.example", {}}, {"", {}}};
    const auto set = [](dnsbl::AnswerCounts& answers, dnsbl::watch::AnswerKind result, std::uint64_t count) {
        answers.results[static_cast<std::size_t>(result)] = count;
        answers.types[static_cast<std::size_t>(dnsbl::watch::TypeKind::a)] += count;
    };
    set(of.zones[0].answers, dnsbl::watch::AnswerKind::listed, 3);
    set(of.zones[0].answers, dnsbl::watch::AnswerKind::nxdomain, 4);
    set(of.zones[0].answers, dnsbl::watch::AnswerKind::noerror, 1);
    set(of.zones[1].answers, dnsbl::watch::AnswerKind::refused, 2);
    of.udp_latency.counts[dnsbl::watch::latency::bucket_of(50'000)] = 9;
    of.query_log = {100, 2};
    of.dnstap = {true, 200, 3};
    return of;
}

TEST(DnsStatistics, AreJsonWithoutWhatDidNotHappen) {
    const auto object = api::describe(some_statistics());
    EXPECT_EQ(object.at("udp_queries"), 10);
    EXPECT_EQ(boost::json::serialize(object.at("drops")), R"({"limited":1})");
    const auto& zone = object.at("zones").as_array().at(0).as_object();
    EXPECT_EQ(object.at("zones").as_array().size(), 1U);
    EXPECT_EQ(zone.at("apex"), "bl.example");
    EXPECT_EQ(zone.at("answers"), 8);
    EXPECT_EQ(boost::json::serialize(zone.at("results")), R"({"noerror":1,"listed":3,"nxdomain":4})");
    EXPECT_EQ(boost::json::serialize(zone.at("types")), R"({"a":8})");
    EXPECT_EQ(object.at("elsewhere").at("answers"), 2);
    const auto& latency = object.at("latency").at("udp").as_object();
    EXPECT_EQ(latency.at("count"), 9);
    EXPECT_NEAR(static_cast<double>(latency.at("p99_ns").to_number<std::int64_t>()), 50'000, 6'250);
    EXPECT_EQ(latency.at("buckets").as_array().size(), 1U);
}

TEST(DnsStatistics, TellWhatMirrorsSaidToTheLastNotify) {
    auto statistics = some_statistics();
    EXPECT_FALSE(api::describe(statistics).contains("mirrors"));
    EXPECT_FALSE(api::describe(statistics).contains("tls"));
    dnsbl::MirrorStatistics mirror;
    mirror.name = "ns2";
    mirror.address = Endpoint::parse("192.0.2.1:53").value();
    mirror.zones = 2;
    mirror.answered_zones = 1;
    mirror.notified = 77;
    mirror.messages = 9;
    statistics.mirrors = {mirror, mirror, mirror};
    statistics.mirrors[1].rcode = 9;
    statistics.mirrors[2].failures = 4;
    const auto object = api::describe(statistics);
    const auto& first = object.at("mirrors").at(0).as_object();
    EXPECT_EQ(first.at("address"), "192.0.2.1:53");
    EXPECT_EQ(first.at("notified"), 77);
    EXPECT_EQ(first.at("answered_at"), nullptr);
    std::ostringstream out;
    std::ostringstream err;
    cli::Terminal terminal{out, err, false};
    cli::show_dns(terminal, object);
    EXPECT_THAT(out.str(), HasSubstr("mirror ns2 at 192.0.2.1:53: told of serial 77, 1 of 2 zones answered"));
    EXPECT_THAT(out.str(), HasSubstr("answers with RCODE 9"));
    EXPECT_THAT(out.str(), HasSubstr("NO ANSWER to the last 4"));
}

TEST(DnsStatistics, TellWhatBecameOfTransfersAndOfTls) {
    auto statistics = some_statistics();
    dnsbl::MirrorTransfers taken;
    taken.mirror = "ns2";
    taken.whole = 1;
    taken.differences = 7;
    taken.took = std::chrono::milliseconds{1500};
    statistics.transfers.served = {taken};
    statistics.transfers.refused[static_cast<std::size_t>(dnsbl::Refusal::clear)] = 3;
    statistics.transfers.notified = 9;
    statistics.tls = dnsbl::TlsStatistics{5, 2, Time{std::chrono::seconds{1'900'000'000}}, {}, "it is torn"};
    const auto object = api::describe(statistics);
    const auto& transfers = object.at("transfers").as_object();
    EXPECT_EQ(transfers.at("served").at("ns2").at("differences"), 7U);
    EXPECT_EQ(transfers.at("served").at("ns2").at("seconds"), 1.5);
    EXPECT_EQ(boost::json::serialize(transfers.at("refused")), R"({"clear":3})");
    EXPECT_EQ(transfers.at("notify").at("sent"), 9U);
    EXPECT_EQ(object.at("tls").at("failed"), 2U);
    std::ostringstream out;
    std::ostringstream err;
    cli::Terminal terminal{out, err, false};
    cli::show_dns(terminal, object);
    EXPECT_THAT(out.str(), HasSubstr("TLS: 5 handshakes, 2 failed; the certificate ends at 2030"));
    EXPECT_THAT(out.str(), HasSubstr("it is torn"));
}

TEST(DnsStatistics, AreATableForPeople) {
    std::ostringstream out;
    std::ostringstream err;
    cli::Terminal terminal{out, err, false};
    cli::show_dns(terminal, api::describe(some_statistics()));
    EXPECT_THAT(out.str(), ContainsRegex("over UDP: half answered within 5[0-9] µs, 99 % within"));
    EXPECT_THAT(out.str(), Not(HasSubstr("over TCP")));
    EXPECT_THAT(out.str(), HasSubstr("query log: 100 lines, 2 dropped\n"));
    EXPECT_THAT(out.str(), HasSubstr("dnstap: connected, 200 messages, 3 dropped\n"));
    EXPECT_THAT(out.str(), ContainsRegex("bl.example +8 +3 +4 +0 +1\n"));
    EXPECT_THAT(out.str(), ContainsRegex("\\(none of our zones\\) +2 +0 +0 +2 +0\n"));
    out.str("");
    cli::show_dns(terminal, {});
    EXPECT_THAT(out.str(), IsEmpty());
}

} // namespace
} // namespace provenbl::tools
