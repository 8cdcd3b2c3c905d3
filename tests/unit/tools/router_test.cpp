#include "tests/unit/tools/api_fixture.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
namespace json = boost::json;

class ApiRouter : public ApiFixture {};

ScanStep step(const Address& host, Verdict verdict, std::string detail, Time at) {
    return {at, "smtp-relay/plain", host, 25, verdict, std::move(detail)};
}

TEST_F(ApiRouter, AnUnknownHostIsNotListed) {
    const auto reply = as_public("GET", "/v1/hosts/5.6.7.8");
    EXPECT_EQ(reply.status, 200U);
    const auto object = json(reply);
    EXPECT_EQ(object.at("listed"), false);
    EXPECT_EQ(object.at("classes"), json::value(json::array{}));
    EXPECT_EQ(object.at("since"), nullptr);
    EXPECT_EQ(object.at("may_be_probed"), true);
    EXPECT_EQ(object.at("zones").as_array().at(0).at("name"), "8.7.6.5.bl.example");
}

TEST_F(ApiRouter, AListedHostSaysWhyAndWhere) {
    prove_with_token(suspect, suspect);
    const auto object = json(as_public("GET", "/v1/hosts/5.6.7.8"));
    EXPECT_EQ(object.at("listed"), true);
    EXPECT_EQ(object.at("classes"), json::value(json::array{"relay"}));
    EXPECT_EQ(object.at("zones").as_array().at(0).at("codes"), json::value(json::array{"127.0.0.2"}));
    EXPECT_EQ(object.at("zones").as_array().at(0).at("ttl"), 120);
    EXPECT_EQ(object.at("zones").as_array().at(2).at("zone"), "proxy.bl.example");
    EXPECT_EQ(object.at("zones").as_array().at(2).at("codes"), json::value(json::array{}));
    const auto& hole = object.at("holes").as_array().at(0).as_object();
    EXPECT_EQ(hole.at("technique"), "smtp-relay/plain");
    EXPECT_FALSE(hole.at("explanation").as_string().empty());
    EXPECT_EQ(object.at("next_visit").at("kind"), "rescan");
}

TEST_F(ApiRouter, TestEntriesAreInDnsThoughNotListed) {
    const auto first = json(as_public("GET", "/v1/hosts/127.0.0.2"));
    EXPECT_EQ(first.at("listed"), false);
    EXPECT_EQ(first.at("test_entry"), true);
    for (const auto& zone : first.at("zones").as_array())
        EXPECT_EQ(zone.at("codes"), json::value(json::array{"127.0.0.2"})) << zone.at("zone");
    const auto code = json(as_public("GET", "/v1/hosts/::ffff:127.0.0.9"));
    EXPECT_EQ(code.at("test_entry"), true);
    EXPECT_EQ(code.at("zones").as_array().at(0).at("codes"), json::value(json::array{"127.0.0.9"}));
    EXPECT_EQ(code.at("zones").as_array().at(1).at("zone"), "relay.bl.example");
    EXPECT_EQ(code.at("zones").as_array().at(1).at("codes"), json::value(json::array{}));
    const auto none = json(as_public("GET", "/v1/hosts/127.0.0.1"));
    EXPECT_EQ(none.at("test_entry"), false);
    EXPECT_EQ(none.at("zones").as_array().at(0).at("codes"), json::value(json::array{}));
}

TEST_F(ApiRouter, AMappedAddressIsTheIpv4Host) {
    prove_with_token(suspect, suspect);
    EXPECT_EQ(json(as_public("GET", "/v1/hosts/::ffff:5.6.7.8")).at("listed"), true);
}

TEST_F(ApiRouter, BadAddressesAndPathsAreRefused) {
    EXPECT_EQ(as_public("GET", "/v1/hosts/5.6.7.888").status, 400U);
    EXPECT_EQ(as_public("GET", "/v1/hosts/").status, 404U);
    EXPECT_EQ(as_public("GET", "/v1/nothing").status, 404U);
    EXPECT_EQ(as_public("GET", "/favicon.png").status, 404U);
    EXPECT_EQ(as_public("GET", "/v1/hosts/5.6.7.8/%zz").status, 400U);
    EXPECT_EQ(as_public("GET", "no-slash").status, 400U);
    EXPECT_EQ(as_public("GET", "/" + std::string(5000, 'a')).status, 414U);
    EXPECT_EQ(as_public("GET", "/v1/hosts/5.6.7.8/scans/x").status, 400U);
    EXPECT_EQ(as_public("GET", "/v1/hosts/5.6.7.8/scans/77").status, 404U);
    const auto wrong = as_public("DELETE", "/v1/hosts/5.6.7.8");
    EXPECT_EQ(wrong.status, 405U);
    EXPECT_EQ(header(wrong, "Allow"), "GET, HEAD, OPTIONS");
}

TEST_F(ApiRouter, ProblemsFollowRfc9457) {
    const auto reply = as_public("GET", "/v1/hosts/x?secret=1");
    EXPECT_EQ(reply.content_type, "application/problem+json");
    const auto object = json(reply);
    EXPECT_EQ(object.at("status"), 400);
    EXPECT_EQ(object.at("title"), "The request is malformed");
    EXPECT_EQ(object.at("type"), "/v1/problems/invalid");
    EXPECT_EQ(object.at("instance"), "/v1/hosts/x");
    EXPECT_EQ(object.at("code"), "invalid");
    EXPECT_FALSE(object.at("detail").as_string().empty());
}

TEST_F(ApiRouter, EvidenceShowsEverythingButTheToken) {
    const auto token = prove_with_token(suspect, suspect);
    const auto reply = as_public("GET", "/v1/hosts/5.6.7.8/evidence");
    EXPECT_EQ(reply.status, 200U);
    EXPECT_THAT(reply.body, Not(HasSubstr(token)));
    const auto object = json(reply);
    const auto& item = object.at("evidence").as_array().at(0).as_object();
    EXPECT_THAT(item.at("transcript").as_string().c_str(), HasSubstr("RCPT TO:<[token]@probes.example>"));
    EXPECT_THAT(item.at("message").as_string().c_str(), HasSubstr("Received: by relay"));
    EXPECT_EQ(item.at("software"), "Postfix");
    EXPECT_EQ(item.if_contains("token"), nullptr);
    EXPECT_EQ(as_public("GET", "/v1/hosts/5.6.7.9/evidence").status, 404U);
}

TEST_F(ApiRouter, TheReporterIsNeverShown) {
    ASSERT_EQ(as_operator("POST", "/v1/reports", R"({"address": "5.6.7.8", "comment": "seen by alice"})").status, 201U);
    prove_with_token(suspect, suspect);
    for (const char* target :
         {"/v1/hosts/5.6.7.8", "/v1/hosts/5.6.7.8/evidence", "/v1/hosts/5.6.7.8/history", "/5.6.7.8"})
        EXPECT_THAT(as_public("GET", target).body, Not(HasSubstr("alice"))) << target;
}

TEST_F(ApiRouter, HistoryTellsTheJournalAndTheVisits) {
    prove_with_token(suspect, suspect);
    visit(suspect, {step(suspect, Verdict::refused, "554 no", clock.now())}, finish("Refused."));
    const auto object = json(as_public("GET", "/v1/hosts/5.6.7.8/history"));
    EXPECT_EQ(object.at("changes").as_array().at(0).at("reason"), "proven");
    EXPECT_EQ(object.at("changes").as_array().at(0).at("after"), json::value(json::array{"relay"}));
    EXPECT_EQ(object.at("visits").as_array().at(0).at("outcome"), "Refused.");
    std::string told;
    for (const auto& event : object.at("events").as_array()) told += std::string{event.at("what").as_string()} + " ";
    EXPECT_EQ(told, "asked proven listed visited ");
    EXPECT_EQ(object.at("events").as_array().at(2).at("journal"), 1);
}

// ---- reports ----------------------------------------------------------------------------------------------

TEST_F(ApiRouter, AReportQueuesAVisit) {
    const auto reply =
        as_operator("POST", "/v1/reports", R"({"address": "5.6.7.8", "ports": [2525, 2525], "comment": "x"})");
    EXPECT_EQ(reply.status, 201U);
    const auto object = json(reply);
    EXPECT_EQ(header(reply, "Location"), "/v1/hosts/5.6.7.8/scans/" + json::serialize(object.at("scan")));
    const auto scan = json(as_public("GET", header(reply, "Location")));
    EXPECT_EQ(scan.at("state"), "queued");
    EXPECT_EQ(scan.at("kind"), "report");
}

TEST_F(ApiRouter, DnsStatisticsAreTheOperators) {
    EXPECT_EQ(json(as_operator("GET", "/v1/dns/statistics")).at("udp_queries"), 7);
    EXPECT_EQ(as_operator("POST", "/v1/dns/statistics").status, 405U);
    EXPECT_EQ(as_public("GET", "/v1/dns/statistics").status, 403U);
    EXPECT_EQ(as_operator("GET", "/v1/dns").status, 404U);
}

TEST_F(ApiRouter, ReportsAreTheOperators) {
    EXPECT_EQ(as_public("POST", "/v1/reports").status, 401U) << "without a key";
    EXPECT_EQ(as_public("GET", "/v1/exclusions").status, 403U);
    EXPECT_EQ(as_public("DELETE", "/v1/exclusions/5.6.7.8").status, 403U);
    EXPECT_EQ(as_public("GET", "/v1/status").status, 403U);
}

TEST_F(ApiRouter, WhatMayNotBeProbedIsRefusedWithTheReason) {
    for (const auto& [address, reason] :
         std::vector<std::pair<std::string, std::string>>{{"10.0.0.1", "special-purpose"},
                                                          {"127.0.0.1", "special-purpose"},
                                                          {"::1", "special-purpose"},
                                                          {"192.0.2.25", "own networks"}}) {
        const auto reply = as_operator("POST", "/v1/reports", R"({"address": ")" + address + R"("})");
        EXPECT_EQ(reply.status, 403U) << address;
        EXPECT_THAT(reply.body, HasSubstr(reason)) << address;
        EXPECT_EQ(as_operator("POST", "/v1/hosts/" + address + "/rescan").status, 403U) << address;
    }
    ASSERT_EQ(
        as_operator("POST", "/v1/exclusions", R"({"prefix": "5.6.0.0/16", "reason": "asked by its owner"})").status,
        201U);
    const auto reply = as_operator("POST", "/v1/reports", R"({"address": "5.6.7.8"})");
    EXPECT_EQ(reply.status, 403U);
    EXPECT_THAT(reply.body, HasSubstr("asked by its owner"));
    EXPECT_EQ(store->read([](const ReadTxn& txn) { return ledger::due_count(txn); }), 0U);
}

TEST_F(ApiRouter, BadBodiesSayWhatWasExpected) {
    const std::vector<std::pair<std::string, std::string>> bad{
        {"", "not JSON"},
        {"[1]", "not a JSON object"},
        {R"({"adress": "5.6.7.8"})", "unknown member 'adress'"},
        {R"({})", "'address' is missing"},
        {R"({"address": 5})", "'address' is not a text"},
        {R"({"address": "5.6.7.8", "ports": 25})", "list of at most 16 ports"},
        {R"({"address": "5.6.7.8", "ports": [0]})", "no port from 1 to 65535"},
        {R"({"address": "5.6.7.8", "ports": [70000]})", "no port from 1 to 65535"},
        {R"({"address": "5.6.7.8", "ports": ["25"]})", "no port from 1 to 65535"},
        {R"({"address": "5.6.7.8", "ports": [1e300]})", "no port from 1 to 65535"},
        {R"({"address": "5.6.7.8", "comment": ")" + std::string(1001, 'x') + R"("})", "longer than 1000"},
        {R"({"address": "5.6.7.8", "comment": "\u0007"})", "control characters"},
        {R"({"address": "5.6.7.8", "comment": "a\rb"})", "control characters"},
        {R"({"address": "5.6.7.8", "comment": "\u009b2J"})", "control characters"},
        {R"({"address": "5.6.7.8", "comment": "\u202egnp.exe"})", "control characters"},
        {R"({"address": "5.6.7.8", "\u009b2J": 1})", "unknown member '\\\\x9b2J'"},
        {std::string(100, '['), "not JSON"},
    };
    for (const auto& [body, expected] : bad) {
        const auto reply = as_operator("POST", "/v1/reports", body);
        EXPECT_EQ(reply.status, 400U) << body;
        EXPECT_THAT(reply.body, HasSubstr(expected)) << body;
    }
}

// ---- rescans ----------------------------------------------------------------------------------------------

TEST_F(ApiRouter, AnybodyMayAskForAListedHost) {
    prove_with_token(suspect, suspect);
    const auto reply = as_public("POST", "/v1/hosts/5.6.7.8/rescan");
    EXPECT_EQ(reply.status, 202U);
    EXPECT_EQ(host(suspect)->due_kind, ScanKind::owner);
    EXPECT_EQ(host(suspect)->due, clock.now());
    EXPECT_THAT(json(reply).at("follow").as_string().c_str(), HasSubstr("?follow=1"));
}

TEST_F(ApiRouter, AStrangerMayNotHaveAnUnlistedHostProbed) {
    const auto stranger = as_public("POST", "/v1/hosts/5.6.7.8/rescan");
    EXPECT_EQ(stranger.status, 403U);
    EXPECT_THAT(stranger.body, HasSubstr("ask from that address"));
    EXPECT_EQ(as_public("POST", "/v1/hosts/5.6.7.8/rescan", "5.6.7.8").status, 202U);
    EXPECT_EQ(as_operator("POST", "/v1/hosts/5.6.7.9/rescan").status, 202U);
}

TEST_F(ApiRouter, AskingAgainTooSoonSaysWhen) {
    prove_with_token(suspect, suspect);
    ASSERT_EQ(as_public("POST", "/v1/hosts/5.6.7.8/rescan").status, 202U);
    clock.advance(4s);
    const auto reply = as_public("POST", "/v1/hosts/5.6.7.8/rescan");
    EXPECT_EQ(reply.status, 429U);
    EXPECT_EQ(header(reply, "Retry-After"), "6");
    EXPECT_EQ(json(reply).at("code"), "too-soon");
    clock.advance(6s);
    EXPECT_EQ(as_public("POST", "/v1/hosts/5.6.7.8/rescan").status, 202U);
}

TEST_F(ApiRouter, ThePagesButtonLeadsBackToThePage) {
    prove_with_token(suspect, suspect);
    const auto reply = perform({"POST", "/v1/hosts/5.6.7.8/rescan", "text/html,*/*", "", false, test::ip("9.9.9.9")});
    EXPECT_EQ(reply.status, 303U);
    EXPECT_EQ(header(reply, "Location"), "/5.6.7.8");
}

TEST_F(ApiRouter, AScanIsFollowedByQueryOrByAccept) {
    prove_with_token(suspect, suspect);
    const auto location = header(as_public("POST", "/v1/hosts/5.6.7.8/rescan"), "Location");
    api::Request request{"GET", location, "text/event-stream", "", false, test::ip("9.9.9.9")};
    EXPECT_TRUE(std::holds_alternative<api::Follow>(router.handle(request)));
    request.accept.clear();
    EXPECT_TRUE(std::holds_alternative<api::Response>(router.handle(request)));
    request.target += "?follow=1";
    const auto answer = router.handle(request);
    ASSERT_TRUE(std::holds_alternative<api::Follow>(answer));
    EXPECT_EQ(std::get<api::Follow>(answer).host, suspect);
    request.target = "/v1/hosts/5.6.7.8/scans/999?follow=1";
    EXPECT_EQ(std::get<api::Response>(router.handle(request)).status, 404U);
}

// ---- exclusions -------------------------------------------------------------------------------------------

TEST_F(ApiRouter, AnExclusionDelistsAndIsListedAndRemoved) {
    prove_with_token(suspect, suspect);
    const auto added =
        as_operator("POST", "/v1/exclusions",
                    R"({"prefix": "5.6.7.0/24", "reason": "asked", "until": "2099-01-01T00:00:00Z", "by": "bob"})");
    EXPECT_EQ(added.status, 201U);
    EXPECT_EQ(json(added).at("delisted"), 1);
    EXPECT_FALSE(host(suspect)->listed());
    const auto shown = json(as_public("GET", "/v1/hosts/5.6.7.8"));
    EXPECT_EQ(shown.at("exclusion").at("prefix"), "5.6.7.0/24");
    EXPECT_EQ(shown.at("may_be_probed"), false);
    EXPECT_EQ(shown.at("exclusion").as_object().if_contains("by"), nullptr) << "who decided it is not public";
    for (const char* target : {"/v1/hosts/5.6.7.8", "/v1/hosts/5.6.7.8/history", "/5.6.7.8"})
        EXPECT_THAT(as_public("GET", target).body, Not(HasSubstr("bob"))) << target;

    const auto list = json(as_operator("GET", "/v1/exclusions"));
    EXPECT_EQ(list.at("exclusions").as_array().at(0).at("by"), "bob");
    EXPECT_EQ(list.at("exclusions").as_array().at(0).at("until"), "2099-01-01T00:00:00Z");
    EXPECT_EQ(as_operator("DELETE", "/v1/exclusions/5.6.0.0/16").status, 404U);
    EXPECT_EQ(as_operator("DELETE", "/v1/exclusions/5.6.7.0%2F24").status, 200U);
    EXPECT_EQ(as_operator("DELETE", "/v1/exclusions/5.6.7.0/24").status, 404U);
    EXPECT_TRUE(json(as_operator("GET", "/v1/exclusions")).at("exclusions").as_array().empty());
}

TEST_F(ApiRouter, BadExclusionsAreRefused) {
    for (const auto& [body, expected] : std::vector<std::pair<std::string, std::string>>{
             {R"({"prefix": "5.6.7.8"})", "'reason' is missing"},
             {R"({"prefix": "5.6.7.8/24", "reason": "x"})", "5.6.7.8/24"},
             {R"({"prefix": "0.0.0.0/0", "reason": "x"})", "too wide"},
             {R"({"prefix": "::/0", "reason": "x"})", "too wide"},
             {R"({"prefix": "5.6.7.8", "reason": "x", "until": "tomorrow"})", "not a time"},
             {R"({"prefix": "5.6.7.8", "reason": "x", "until": "2001-01-01T00:00:00Z"})", "is past"}}) {
        const auto reply = as_operator("POST", "/v1/exclusions", body);
        EXPECT_EQ(reply.status, 400U) << body;
        EXPECT_THAT(reply.body, HasSubstr(expected)) << body;
    }
}

// ---- state ------------------------------------------------------------------------------------------------

TEST_F(ApiRouter, StatusCountsAndHealthAnswers) {
    prove_with_token(suspect, suspect);
    const auto status = json(as_operator("GET", "/v1/status"));
    EXPECT_EQ(status.at("listed").at("ipv4"), 1);
    EXPECT_EQ(status.at("serial"), 1);
    EXPECT_EQ(status.at("queue").at("due"), 1);
    EXPECT_EQ(status.at("dns").at("udp_queries"), 7);
    EXPECT_EQ(status.at("trouble"), "");
    EXPECT_EQ(as_public("GET", "/healthz").status, 200U);
    EXPECT_EQ(as_public("GET", "/readyz").status, 200U);
}

} // namespace
} // namespace provenbl::tools
