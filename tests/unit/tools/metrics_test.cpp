// What is told to Prometheus, part by part, and that the catalogue is what is documented.
#include "store/notices.hpp"
#include "store/reporters.hpp"
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/metrics/catalogue.hpp"
#include "tools/metrics/metrics.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <set>

namespace provenbl::tools {
namespace {

using metrics::Page;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

std::string file(const std::string& path) {
    std::ifstream in{std::string{PROVENBL_SOURCE_DIR "/"} + path};
    if (!in) throw std::runtime_error("can't read " + path);
    return {std::istreambuf_iterator<char>{in}, {}};
}

TEST(MetricsCatalogue, IsTheTableOfTheDocumentation) {
    EXPECT_THAT(file("docs/observing.md"), HasSubstr(metrics::catalogue_table())) << "the table should be:\n"
                                                                                  << metrics::catalogue_table();
}

TEST(MetricsCatalogue, FollowsTheConventions) {
    std::set<std::string_view> names;
    for (const auto& one : metrics::catalogue()) {
        EXPECT_TRUE(names.insert(one.name).second) << one.name << " is there twice";
        EXPECT_EQ(one.name.ends_with("_total"), one.kind == metrics::Kind::counter) << one.name;
        EXPECT_TRUE(one.name.starts_with("provenbl_") || one.name.starts_with("process_")) << one.name;
        EXPECT_TRUE(one.kind != metrics::Kind::histogram || one.name.ends_with("_seconds")) << one.name;
        EXPECT_FALSE(one.help.empty()) << one.name;
    }
}

TEST(MetricsPage, EscapesWhatALabelMayHold) {
    Page page;
    page.set("provenbl_transfer_bytes_total", {"a\"b\\c\nd"}, 7);
    EXPECT_THAT(page.text(), HasSubstr(R"(provenbl_transfer_bytes_total{mirror="a\"b\\c\nd"} 7)"));
}

TEST(MetricsPage, WhatTheCatalogueDoesNotKnowIsAFaultOfOurs) {
    Page page;
    EXPECT_THROW(page.set("provenbl_unheard_of", 1), std::logic_error);
    EXPECT_THROW(page.set("provenbl_hosts", {"a"}, 1), std::logic_error);
    EXPECT_THROW(page.set("provenbl_listing_latency_seconds", 1), std::logic_error);
}

TEST(MetricsPage, AValueThatIsABoundBelongsBelowIt) {
    const std::array bounds{1.0, 2.0};
    metrics::Distribution values{bounds};
    for (const auto value : {0.5, 1.0, 1.5, 7.0}) values.observe(value);
    Page page;
    page.set("provenbl_listing_latency_seconds", {}, values);
    const auto text = page.text();
    EXPECT_THAT(text, HasSubstr("provenbl_listing_latency_seconds_bucket{le=\"1\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_listing_latency_seconds_bucket{le=\"2\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_listing_latency_seconds_bucket{le=\"+Inf\"} 4\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_listing_latency_seconds_sum 10\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_listing_latency_seconds_count 4\n"));
}

class MetricsTest : public ApiFixture {
protected:
    metrics::Sources sources(Role role = Role::all) {
        return {*store, clock, role, [this] { return configuration.zones.zones; }};
    }

    Report file_report(const Address& host) {
        Report filed;
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            Report report;
            report.host = host;
            report.reporter = "operator";
            report.reporter_id = reporters::operator_id;
            report.received = report.last = txn.now;
            auto result = ledger::file_report(txn, report, txn.now);
            if (!result) return result.error();
            filed = *result;
            return {};
        });
        if (!done) throw std::runtime_error(done.error().message);
        return filed;
    }
};

TEST_F(MetricsTest, TellsWhoseProcessItIs) {
    metrics::Metrics all{sources()};
    const auto text = all.text();
    EXPECT_THAT(text, HasSubstr("provenbl_build_info{version=\""));
    EXPECT_THAT(text, HasSubstr("role=\"all\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("process_resident_memory_bytes "));
    EXPECT_THAT(text, HasSubstr("# TYPE provenbl_store_commit_duration_seconds histogram\n"));
}

TEST_F(MetricsTest, EachRoleTellsItsOwn) {
    metrics::Metrics dns{sources(Role::dns)};
    EXPECT_THAT(dns.text(), Not(HasSubstr("provenbl_listings_total")));
    metrics::Metrics verifier{sources(Role::verifier)};
    EXPECT_THAT(verifier.text(), HasSubstr("provenbl_listings_total{class=\"relay\",reason=\"proven\"} 0\n"));
    EXPECT_THAT(verifier.text(), Not(HasSubstr("provenbl_dns_")));
}

TEST_F(MetricsTest, CountsListingsAndEntriesByZoneAndClass) {
    prove(1, test::ip("1.2.3.4")); // before anybody looks
    metrics::Metrics all{sources()};
    prove(2, suspect);
    clock.advance(5s);
    auto text = all.text();
    const auto apex = configuration.zones.zones.at(0).apex;
    EXPECT_THAT(text, HasSubstr("provenbl_zone_entries{zone=\"" + apex + "\",class=\"relay\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_zone_entries{zone=\"" + apex + "\",class=\"socks\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_zone_addresses{zone=\"" + apex + "\",family=\"ipv4\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_listings_total{class=\"relay\",reason=\"proven\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_zone_serial{zone=\"" + apex + "\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_journal_unread 0\n"));

    const auto excluded = store->write([&](WriteTxn& txn) -> Result<> {
        Exclusion exclusion;
        exclusion.prefix = Prefix::of(suspect, 32);
        exclusion.reason = "asked";
        exclusion.by = "operator";
        exclusion.created = txn.now;
        const auto done = ledger::exclude(txn, exclusion);
        if (!done) return done.error();
        return {};
    });
    ASSERT_TRUE(excluded);
    text = all.text();
    EXPECT_THAT(text, HasSubstr("provenbl_zone_entries{zone=\"" + apex + "\",class=\"relay\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_delistings_total{class=\"relay\",reason=\"excluded\"} 1\n"));
}

TEST_F(MetricsTest, TimesAListingFromItsReport) {
    metrics::Metrics all{sources()};
    (void)file_report(suspect);
    clock.advance(4s);
    prove(1, suspect);
    prove(2, test::ip("1.2.3.4")); // which nobody has reported: no latency
    const auto text = all.text();
    EXPECT_THAT(text, HasSubstr("provenbl_listing_latency_seconds_bucket{le=\"2\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_listing_latency_seconds_bucket{le=\"5\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_listing_latency_seconds_count 1\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_listing_latency_seconds_sum 4\n"));
}

TEST_F(MetricsTest, TimesADelistingFromTheFirstOfTheOwnersVisits) {
    prove(1, suspect);
    metrics::Metrics all{sources()};
    const ScanStep closed{clock.now(), "smtp-relay/plain", suspect, 25, Verdict::closed_port, "connection refused"};
    clock.advance(10s);
    (void)visit(suspect, {closed}, finish("closed"), ScanKind::owner);
    clock.advance(20s);
    const auto last = visit(suspect, {closed}, finish("closed"), ScanKind::owner);
    const auto cleared = store->write([&](WriteTxn& txn) -> Result<> {
        const auto clearance = Clearance::from_scan(last, hosts::find(txn, suspect)->holes, ChangeReason::secured);
        if (!clearance) return clearance.error();
        const auto done = ledger::clear(txn, *clearance, "owner");
        if (!done) return done.error();
        return {};
    });
    ASSERT_TRUE(cleared) << cleared.error().message;
    const auto text = all.text();
    EXPECT_THAT(text, HasSubstr("provenbl_delistings_total{class=\"relay\",reason=\"secured\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_delisting_latency_seconds_sum 20\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_delisting_latency_seconds_count 1\n"));
}

TEST_F(MetricsTest, TheOldestVisitThatIsDueIsTold) {
    metrics::Metrics all{sources()};
    EXPECT_THAT(all.text(), HasSubstr("provenbl_queue_oldest_overdue_seconds 0\n"));
    (void)file_report(suspect);
    clock.advance(90s);
    const auto text = all.text();
    EXPECT_THAT(text, HasSubstr("provenbl_queue_visits 1\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_queue_oldest_overdue_seconds 90\n"));
}

TEST_F(MetricsTest, AShutDownListIsSeen) {
    metrics::Metrics all{sources()};
    EXPECT_THAT(all.text(), HasSubstr("provenbl_list_shutdown 0\n"));
    ASSERT_LT(as_operator("POST", "/v1/shutdown", R"({"note": "moving house"})").status, 300U);
    EXPECT_THAT(all.text(), HasSubstr("provenbl_list_shutdown 1\n"));
}

TEST(MetricsParts, AnswersAreToldByZoneAndByResult) {
    dnsbl::ServerStatistics statistics;
    statistics.udp_queries = 9;
    statistics.drops[static_cast<std::size_t>(dnsbl::Drop::limited)] = 4;
    auto& zone = statistics.zones.emplace_back();
    zone.apex = "bl.example";
    zone.answers.results[static_cast<std::size_t>(dnsbl::watch::AnswerKind::listed)] = 5;
    zone.answers.types[static_cast<std::size_t>(dnsbl::watch::TypeKind::a)] = 5;
    statistics.zones.emplace_back();
    // 1 ms is between 2^19 and 2^20 ns.
    statistics.udp_latency.counts[dnsbl::watch::latency::bucket_of(1'000'000)] = 3;
    Page page;
    metrics::tell_dns(page, statistics);
    const auto text = page.text();
    EXPECT_THAT(text, HasSubstr("provenbl_dns_queries_total{transport=\"udp\"} 9\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_dns_answers_total{zone=\"bl.example\",result=\"listed\"} 5\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_dns_answers_total{zone=\"bl.example\",result=\"nxdomain\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_dns_answers_total{zone=\"none\",result=\"listed\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_dns_questions_total{zone=\"bl.example\",type=\"a\"} 5\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_dns_dropped_total{reason=\"limited\"} 4\n"));
    EXPECT_THAT(text, HasSubstr("{transport=\"udp\",le=\"0.000524288\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("{transport=\"udp\",le=\"0.001048576\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_dns_answer_duration_seconds_count{transport=\"udp\"} 3\n"));
}

TEST(MetricsParts, ProbesAreToldByTechniqueAndVerdict) {
    verifier::VerifierStatistics statistics;
    statistics.tokens_forged = 2;
    statistics.probes = {{"socks5/connect", Verdict::open, 3}, {"socks5/connect", Verdict::closed_port, 1}};
    Page page;
    metrics::tell_verifier(page, statistics);
    EXPECT_THAT(page.text(),
                HasSubstr("provenbl_probes_total{technique=\"socks5/connect\",verdict=\"closed-port\"} 1\n"));
    EXPECT_THAT(page.text(), HasSubstr("provenbl_tokens_total{sink=\"any\",outcome=\"forged\"} 2\n"));
}

TEST(MetricsParts, MirrorsAreToldOnlyWhereTheyAreKnown) {
    Page nothing;
    metrics::tell_mirrors(nothing, {});
    EXPECT_EQ(nothing.text(), "");
    Page page;
    metrics::tell_mirrors(page, boost::json::parse(R"({
        "mirrors": {"ns2": {"answering": true, "ahead": true, "zones": {
                        "bl.example": {"serials_behind": 7, "seconds_behind": 1.5},
                        "relay.bl.example": {"serials_behind": null, "seconds_behind": null}, "odd": 7}},
                    "ns3": {"answering": false, "zones": 7}, "odd": 7},
        "transfers": {"served": {"ns2": {"whole": 1, "differences": 9, "broken": 0, "octets": 1234}},
                      "refused": {"clear": 3}, "notify": {"sent": 5}}})")
                                    .as_object());
    const auto text = page.text();
    EXPECT_THAT(text, HasSubstr("provenbl_mirror_lag_serials{mirror=\"ns2\",zone=\"bl.example\"} 7\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_mirror_lag_seconds{mirror=\"ns2\",zone=\"bl.example\"} 1.5\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_mirror_answering{mirror=\"ns3\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_mirror_ahead{mirror=\"ns2\"} 1\n"));
    EXPECT_THAT(text, Not(HasSubstr("zone=\"relay.bl.example\""))) << "not known";
    EXPECT_THAT(text, Not(HasSubstr("lag_seconds{mirror=\"ns3\"")));
    EXPECT_THAT(text, HasSubstr("provenbl_transfers_total{mirror=\"ns2\",kind=\"difference\"} 9\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_transfers_refused_total{reason=\"clear\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("provenbl_notify_total{outcome=\"sent\"} 5\n"));
}

TEST_F(MetricsTest, AreTheOperatorsAlone) {
    EXPECT_EQ(as_public("GET", "/metrics").status, 403U);
    EXPECT_EQ(as_operator("GET", "/metrics").status, 404U) << "without figures";
    context.metrics = [] { return std::string{"provenbl_hosts 7\n"}; };
    const auto told = as_operator("GET", "/metrics");
    EXPECT_EQ(told.status, 200U);
    EXPECT_EQ(told.content_type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(told.body, "provenbl_hosts 7\n");
    EXPECT_EQ(as_operator("POST", "/metrics").status, 405U);
}

} // namespace
} // namespace provenbl::tools
