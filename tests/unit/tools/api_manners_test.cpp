// What all routes share: problem details, methods, other sites' pages, limits, what is not sent again.
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/route_table.hpp"

#include <gmock/gmock.h>

#include <set>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class ApiManners : public ApiFixture {
protected:
    api::Response ask(const std::string& method, const std::string& target,
                      std::vector<std::pair<std::string, std::string>> headers = {}, const std::string& body = {}) {
        api::Request request{method, target, "", body, false, test::ip("9.9.9.9")};
        request.headers = std::move(headers);
        return perform(request);
    }
};

TEST_F(ApiManners, EveryProblemSaysWhatItIsAndWhere) {
    for (const char* target : {"/v1/hosts/x", "/v1/nothing", "/v1/status", "/v1/hosts/5.6.7.8/evidence"}) {
        const auto reply = ask("GET", target);
        EXPECT_EQ(reply.content_type, "application/problem+json") << target;
        const auto object = json(reply);
        EXPECT_EQ(object.at("instance"), target);
        EXPECT_EQ(object.at("status"), reply.status);
        const auto explained = ask("GET", std::string{object.at("type").as_string()});
        EXPECT_EQ(explained.status, 200U) << object;
        EXPECT_EQ(json(explained).at("title"), object.at("title"));
    }
    EXPECT_EQ(json(ask("GET", "/v1/problems")).at("problems").as_array().size(), api::problem_types().size());
    EXPECT_EQ(ask("GET", "/v1/problems/nonsense").status, 404U);
}

TEST_F(ApiManners, EveryErrorOfTheStoreHasAType) {
    for (const auto code : {Errc::invalid, Errc::not_allowed, Errc::not_found, Errc::conflict, Errc::busy,
                            Errc::expired, Errc::timeout, Errc::limit, Errc::io, Errc::disk_full, Errc::read_only})
        EXPECT_NE(api::find_problem_type(to_string(code)), nullptr) << to_string(code);
}

TEST_F(ApiManners, HeadIsGetAndOptionsTellsTheMethods) {
    EXPECT_EQ(ask("HEAD", "/v1/hosts/5.6.7.8").status, 200U);
    EXPECT_EQ(ask("HEAD", "/v1/nothing").status, 404U);
    EXPECT_EQ(ask("HEAD", "/v1/selftest").status, 405U);
    const auto options = ask("OPTIONS", "/v1/hosts/5.6.7.8");
    EXPECT_EQ(options.status, 204U);
    EXPECT_EQ(header(options, "Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(header(options, "Access-Control-Allow-Origin"), "") << "nobody asked";
    EXPECT_EQ(header(ask("OPTIONS", "/v1/selftest"), "Allow"), "POST, OPTIONS");
    EXPECT_EQ(ask("OPTIONS", "/v1/status").status, 403U);
    EXPECT_EQ(ask("TRACE", "/v1/hosts/5.6.7.8").status, 405U);
}

TEST_F(ApiManners, OtherSitesMayReadWhatIsPublicAndDoNothing) {
    const auto preflight = [&](const std::string& target, const std::string& method) {
        return ask("OPTIONS", target, {{"origin", "https://else.example"}, {"access-control-request-method", method}});
    };
    EXPECT_EQ(header(preflight("/v1/hosts/5.6.7.8", "GET"), "Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(header(preflight("/v1/lookup", "POST"), "Access-Control-Allow-Methods"), "POST");
    for (const auto& [target, method] :
         std::vector<std::pair<std::string, std::string>>{{"/v1/hosts/5.6.7.8", "POST"},
                                                          {"/v1/hosts/5.6.7.8/rescan", "POST"},
                                                          {"/v1/selftest", "POST"},
                                                          {"/v1/reports", "POST"},
                                                          {"/v1/status", "GET"},
                                                          {"/5.6.7.8", "GET"}})
        EXPECT_EQ(header(preflight(target, method), "Access-Control-Allow-Origin"), "") << target;
    EXPECT_EQ(header(ask("GET", "/v1/hosts/5.6.7.8"), "Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(header(ask("GET", "/v1/hosts/x"), "Access-Control-Allow-Origin"), "*") << "the error can be read as well";
    EXPECT_EQ(header(ask("POST", "/v1/hosts/5.6.7.8/rescan"), "Access-Control-Allow-Origin"), "");
    EXPECT_EQ(header(ask("GET", "/5.6.7.8"), "Access-Control-Allow-Origin"), "");
    EXPECT_EQ(header(as_operator("GET", "/v1/hosts/5.6.7.8"), "Access-Control-Allow-Origin"), "");
    for (const auto& route : api::all_routes())
        EXPECT_TRUE(route.who != api::Who::any_site || route.method == "GET" || route.path == "/v1/lookup")
            << route.path;
}

TEST_F(ApiManners, WhatTheClientHasIsNotSentAgain) {
    prove_with_token(suspect, suspect);
    for (const char* target : {"/v1/hosts/5.6.7.8", "/v1/hosts/5.6.7.8/evidence", "/v1/hosts/5.6.7.8/history",
                               "/v1/criteria", "/openapi.json"}) {
        const auto first = ask("GET", target);
        ASSERT_EQ(first.status, 200U) << target;
        const auto tag = header(first, "ETag");
        ASSERT_FALSE(tag.empty()) << target;
        EXPECT_NE(header(first, "Cache-Control"), "") << target;
        const auto second = ask("GET", target, {{"if-none-match", "\"x\", " + tag}});
        EXPECT_EQ(second.status, 304U) << target;
        EXPECT_EQ(second.body, "");
        EXPECT_EQ(header(second, "ETag"), tag) << target;
        EXPECT_EQ(ask("GET", target, {{"if-none-match", "*"}}).status, 304U);
        EXPECT_EQ(ask("GET", target, {{"if-none-match", "\"other\""}}).status, 200U);
    }
}

TEST_F(ApiManners, ATagStandsForWhatIsSaidAndNotForTheTime) {
    prove_with_token(suspect, suspect);
    const auto tag = header(ask("GET", "/v1/hosts/5.6.7.8"), "ETag");
    EXPECT_TRUE(tag.starts_with("W/")) << "the answer holds the time";
    clock.advance(5s);
    EXPECT_EQ(header(ask("GET", "/v1/hosts/5.6.7.8"), "ETag"), tag);
    ASSERT_EQ(as_operator("POST", "/v1/exclusions", R"({"prefix": "5.6.7.8", "reason": "asked"})").status, 201U);
    EXPECT_NE(header(ask("GET", "/v1/hosts/5.6.7.8"), "ETag"), tag);
}

class ApiLimited : public ApiManners {
protected:
    ApiLimited() {
        configuration.api.limits.lookups_per_minute = 3;
        configuration.api.limits.rescans_per_hour = 1;
        configuration.api.limits.reports_per_minute = 2;
        limited.emplace(context);
    }
    std::optional<api::Router> limited; // made after the limits
    api::Response from(const std::string& client, const std::string& method, const std::string& target,
                       const std::string& body = {}) {
        auto answer = limited->handle({method, target, "", body, client.empty(),
                                       client.empty() ? std::nullopt : std::optional{test::ip(client.c_str())}});
        if (auto* write = std::get_if<api::Write>(&answer)) return write->respond(store->write(write->work));
        return std::get<api::Response>(answer);
    }
};

TEST_F(ApiLimited, WhoAsksTooOftenIsToldWhenToComeBack) {
    for (const char* left : {"2", "1", "0"}) {
        const auto reply = from("9.9.9.9", "GET", "/v1/hosts/5.6.7.8");
        EXPECT_EQ(reply.status, 200U);
        EXPECT_EQ(header(reply, "RateLimit-Limit"), "3");
        EXPECT_EQ(header(reply, "RateLimit-Remaining"), left);
        EXPECT_NE(header(reply, "RateLimit-Reset"), "");
    }
    const auto refused = from("9.9.9.9", "GET", "/v1/nothing");
    EXPECT_EQ(refused.status, 429U) << "what is not there counts, too";
    EXPECT_EQ(json(refused).at("code"), "too-many");
    EXPECT_EQ(header(refused, "Retry-After"), "20");
    EXPECT_EQ(from("9.9.9.10", "GET", "/v1/hosts/5.6.7.8").status, 200U);
    EXPECT_EQ(from("9.9.9.9", "GET", "/healthz").status, 200U) << "monitoring is never limited";
    for (int i = 0; i < 10; ++i) EXPECT_EQ(from("", "GET", "/v1/status").status, 200U) << "nor the operator";
    clock.advance(20s);
    EXPECT_EQ(from("9.9.9.9", "GET", "/v1/hosts/5.6.7.8").status, 200U);
}

TEST_F(ApiLimited, ManyAddressesCostMore) {
    std::string body = R"({"addresses": ["5.6.7.8")";
    for (int i = 0; i < 20; ++i) body += R"(, "5.6.7.9")";
    EXPECT_EQ(from("9.9.9.9", "POST", "/v1/lookup", body + "]}").status, 200U); // 21 addresses: 3
    EXPECT_EQ(from("9.9.9.9", "GET", "/v1/hosts/5.6.7.8").status, 429U);
}

TEST_F(ApiLimited, VisitsHaveALimitOfTheirOwn) {
    EXPECT_EQ(from("9.9.9.9", "POST", "/v1/selftest").status, 202U);
    clock.advance(1min);
    EXPECT_EQ(from("9.9.9.9", "POST", "/v1/selftest").status, 429U);
    EXPECT_EQ(from("9.9.9.9", "POST", "/v1/hosts/5.6.7.8/rescan").status, 429U);
    EXPECT_EQ(from("9.9.9.9", "GET", "/v1/hosts/5.6.7.8").status, 200U);
}

// ---- nobody has a stranger visited ------------------------------------------------------------------------

TEST_F(ApiManners, ASelfTestIsOfTheCallerAlone) {
    const auto reply = ask("POST", "/v1/selftest");
    EXPECT_EQ(reply.status, 202U);
    EXPECT_EQ(json(reply).at("address"), "9.9.9.9");
    EXPECT_EQ(host(test::ip("9.9.9.9"))->due_kind, ScanKind::owner);
    const auto queued = [&] { return store->read([](const ReadTxn& txn) { return ledger::due_count(txn); }); };
    ASSERT_EQ(queued(), 1U);
    for (const auto& [body, status] : std::vector<std::pair<std::string, unsigned>>{{R"({"address": "5.6.7.8"})", 403U},
                                                                                    {R"({"address": "x"})", 400U},
                                                                                    {R"({"host": "5.6.7.8"})", 400U},
                                                                                    {"[]", 400U}}) {
        EXPECT_EQ(ask("POST", "/v1/selftest", {}, body).status, status) << body;
    }
    // The header of a proxy that is none of ours.
    EXPECT_EQ(ask("POST", "/v1/selftest", {{"x-forwarded-for", "5.6.7.8"}, {"forwarded", "for=5.6.7.8"}}).status, 429U)
        << "too soon for the caller's own address, which is what was asked for";
    EXPECT_EQ(as_operator("POST", "/v1/selftest").status, 400U) << "the socket has no address";
    api::Request through{"POST", "/v1/selftest", "", "", false, test::ip("198.51.100.9")};
    through.client_is_proxy = true;
    EXPECT_EQ(perform(through).status, 403U) << "a proxy that does not say for whom";
    EXPECT_EQ(queued(), 1U);
}

TEST_F(ApiManners, ASelfTestOfWhatIsNeverProbedIsRefused) {
    for (const char* address : {"10.0.0.1", "127.0.0.1", "192.0.2.25", "fe80::1"}) {
        const auto reply = as_public("POST", "/v1/selftest", address);
        EXPECT_EQ(reply.status, 403U) << address;
    }
    EXPECT_EQ(store->read([](const ReadTxn& txn) { return ledger::due_count(txn); }), 0U);
}

TEST_F(ApiManners, APageOfAnotherSiteHasItsReadersNotVisited) {
    for (const auto& headers : std::vector<std::vector<std::pair<std::string, std::string>>>{
             {{"sec-fetch-site", "cross-site"}},
             {{"sec-fetch-site", "same-site"}, {"origin", "https://a.example"}, {"host", "a.example"}},
             {{"origin", "https://evil.example"}, {"host", "bl.example"}},
             {{"origin", "null"}, {"host", "bl.example"}}}) {
        const auto test = ask("POST", "/v1/selftest", headers);
        EXPECT_EQ(test.status, 403U);
        EXPECT_EQ(json(test).at("code"), "cross-site");
        EXPECT_EQ(ask("POST", "/v1/hosts/9.9.9.9/rescan", headers).status, 403U);
    }
    prove_with_token(suspect, suspect);
    EXPECT_EQ(ask("POST", "/v1/hosts/5.6.7.8/rescan", {{"sec-fetch-site", "cross-site"}}).status, 403U);
    EXPECT_EQ(ask("POST", "/v1/hosts/5.6.7.8/rescan").status, 202U) << "of what is listed anybody may ask";
    EXPECT_EQ(ask("POST", "/v1/selftest", {{"origin", "https://bl.example"}, {"host", "bl.example"}}).status, 202U);
}

} // namespace
} // namespace provenbl::tools
