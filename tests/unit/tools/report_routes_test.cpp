// Who may report, what it brings about, and the register of reporters.
#include "store/reports.hpp"
#include "tests/unit/tools/api_fixture.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
namespace json = boost::json;

class ReportRoutes : public ApiFixture {
protected:
    std::string add(const std::string& name, const std::string& also = "") {
        const auto reply = as_operator("POST", "/v1/reporters", R"({"name": ")" + name + "\"" + also + "}");
        EXPECT_EQ(reply.status, 201U) << reply.body;
        return json(reply).at("key").as_string().c_str();
    }
    api::Response report(const std::string& key, const std::string& address = "5.6.7.8") {
        api::Request request{"POST", "/v1/reports",
                             "",     R"({"address": ")" + address + R"("})",
                             false,  Address::parse("9.9.9.9").value()};
        if (!key.empty()) request.authorization = "Bearer " + key;
        return perform(request);
    }
    json::object reporter(const std::string& name) {
        const auto answer = json(as_operator("GET", "/v1/reporters"));
        for (const auto& row : answer.at("reporters").as_array()) {
            if (row.at("name") == json::value(name)) return row.as_object();
        }
        return {};
    }
    verifier::PolicyRules& rules() { return configuration.verifier.policy; }
};

TEST_F(ReportRoutes, AKeyOpensTheDoorUntilItIsRevoked) {
    EXPECT_EQ(report("").status, 401U);
    EXPECT_EQ(header(report(""), "WWW-Authenticate"), "Bearer realm=\"reports\"");
    EXPECT_EQ(report("pbr-nonsense").status, 401U);
    const auto key = add("alice");
    EXPECT_THAT(key, testing::StartsWith("pbr-"));
    const auto taken = report(key);
    EXPECT_EQ(taken.status, 201U) << taken.body;
    EXPECT_EQ(json(taken).at("state"), "queued");
    EXPECT_EQ(reporter("alice").at("received"), 1);
    EXPECT_THAT(as_operator("GET", "/v1/reporters").body, Not(HasSubstr(key))) << "shown once";
    EXPECT_EQ(as_operator("DELETE", "/v1/reporters/alice").status, 200U);
    EXPECT_EQ(report(key).status, 401U);
    EXPECT_EQ(as_operator("DELETE", "/v1/reporters/alice").status, 409U);
    EXPECT_EQ(as_operator("DELETE", "/v1/reporters/nobody").status, 404U);
}

TEST_F(ReportRoutes, TheRegisterIsTheOperators) {
    for (const char* method : {"GET", "POST"}) EXPECT_EQ(as_public(method, "/v1/reporters").status, 403U);
    EXPECT_EQ(as_public("DELETE", "/v1/reporters/alice").status, 403U);
    EXPECT_EQ(as_operator("POST", "/v1/reporters", R"({"name": "operator"})").status, 400U);
    EXPECT_EQ(as_operator("POST", "/v1/reporters", R"({"name": "a", "per_hour": -1})").status, 400U);
    EXPECT_EQ(as_operator("POST", "/v1/reporters", R"({"name": "a", "trap": 1})").status, 400U);
}

TEST_F(ReportRoutes, LimitsSayWhenTheNextIsTaken) {
    const auto key = add("alice", R"(, "per_hour": 2)");
    EXPECT_EQ(report(key, "5.6.7.1").status, 201U);
    EXPECT_EQ(report(key, "5.6.7.2").status, 201U);
    const auto refused = report(key, "5.6.7.3");
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(header(refused, "Retry-After"), "3600");
    ASSERT_EQ(as_operator("PATCH", "/v1/reporters/alice", R"({"per_hour": 3})").status, 200U);
    EXPECT_EQ(report(key, "5.6.7.3").status, 201U);
    clock.advance(1h);
    EXPECT_EQ(report(key, "5.6.7.4").status, 201U);
}

TEST_F(ReportRoutes, RepeatsAreOneReportAndOneVisit) {
    const auto key = add("alice");
    const auto first = json(report(key));
    clock.advance(1min);
    const auto again = json(report(key));
    EXPECT_EQ(again.at("report"), first.at("report"));
    EXPECT_EQ(again.at("scan"), first.at("scan"));
    EXPECT_EQ(again.at("count"), 2);
}

TEST_F(ReportRoutes, AVisitedHostIsLeftAloneForADay) {
    const auto key = add("alice");
    visit(suspect, {}, finish("Nothing answers."));
    clock.advance(1h);
    const auto taken = json(report(key));
    EXPECT_EQ(taken.at("due"), json::value(to_string(clock.now() + 23h)));
    EXPECT_THAT(taken.at("detail").as_string().c_str(), HasSubstr("reports bring about the next visit at"));
    EXPECT_EQ(host(suspect)->due, clock.now() + 23h);
    // The operator needs no patience.
    ASSERT_EQ(as_operator("POST", "/v1/reports", R"({"address": "5.6.7.8"})").status, 201U);
    EXPECT_EQ(host(suspect)->due, clock.now());
}

TEST_F(ReportRoutes, TwoMayHaveToAgree) {
    rules().reports_needed = 2;
    const auto alice = add("alice");
    const auto bob = add("bob");
    const auto trap = add("trap", R"(, "trap": true)");
    const auto alone = report(alice);
    EXPECT_EQ(alone.status, 202U);
    EXPECT_EQ(json(alone).at("state"), "waiting");
    EXPECT_EQ(report(alice).status, 202U) << "the same again is no second voice";
    EXPECT_FALSE(host(suspect));
    EXPECT_EQ(report(bob).status, 201U);
    EXPECT_NE(host(suspect)->queued_scan, 0U);
    EXPECT_EQ(report(trap, "5.6.7.9").status, 201U) << "our own evidence counts alone";
    EXPECT_EQ(report(alice, "5.6.7.10").status, 202U);
    clock.advance(8 * 24h);
    EXPECT_EQ(report(bob, "5.6.7.10").status, 202U) << "too long after";
}

TEST_F(ReportRoutes, WhoIsWrongTooOftenLosesHisVoice) {
    const auto key = add("liar");
    for (int i = 1; i <= 9; ++i) {
        const auto address = Address::v4(5, 6, 8, static_cast<std::uint8_t>(i));
        const auto taken = report(key, address.to_string());
        ASSERT_LT(taken.status, 300U) << i << taken.body;
        if (i == 4) {
            EXPECT_EQ(host(address)->due, clock.now() + 1h) << "after everybody else's";
        }
        if (i >= 7) {
            EXPECT_EQ(taken.status, 202U) << "needs somebody else";
        }
        // Somebody else names it too, or the visit comes: either way it is found closed everywhere.
        visit(address, {{clock.now(), "smtp-relay/plain", address, 25, Verdict::refused, "554"}}, finish("No."));
    }
    EXPECT_EQ(reporter("liar").at("trust"), "none");
    const auto refused = report(key);
    EXPECT_EQ(refused.status, 403U);
    EXPECT_THAT(refused.body, HasSubstr("turned out wrong"));
    ASSERT_EQ(as_operator("PATCH", "/v1/reporters/liar", R"({"forgive": true})").status, 200U);
    EXPECT_EQ(report(key).status, 201U);
    prove(1, suspect);
    EXPECT_EQ(reporter("liar").at("standing"), 5);
}

TEST_F(ReportRoutes, WithoutAKeyOnlyWhereThatIsAllowed) {
    rules().anonymous_reports = true;
    rules().anonymous_per_hour = 1;
    EXPECT_EQ(report("", "5.6.7.1").status, 201U);
    EXPECT_EQ(report("", "5.6.7.2").status, 429U);
    EXPECT_EQ(report("pbr-nonsense").status, 401U) << "a wrong key is no key";
}

TEST_F(ReportRoutes, WhoReportedIsNobodysBusiness) {
    const auto key = add("alice", R"(, "note": "alice of example.net")");
    ASSERT_EQ(report(key).status, 201U);
    prove_with_token(suspect, suspect);
    for (const char* target :
         {"/v1/hosts/5.6.7.8", "/v1/hosts/5.6.7.8/evidence", "/v1/hosts/5.6.7.8/history", "/5.6.7.8", "/v1/notices"})
        EXPECT_THAT(as_public("GET", target).body, Not(HasSubstr("alice"))) << target;
}

} // namespace
} // namespace provenbl::tools
