// The list as a whole: notices, its end and return, purges, listings by hand.
#include "tests/unit/tools/api_fixture.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
namespace json = boost::json;

class ListRoutes : public ApiFixture {};

TEST_F(ListRoutes, AreTheOperatorsButForTheNotices) {
    for (const char* target : {"/v1/shutdown", "/v1/resume", "/v1/purges", "/v1/purges/preview", "/v1/purges/1/step",
                               "/v1/manual", "/v1/manual/5.6.7.8/end"})
        EXPECT_EQ(as_public("POST", target).status, 403U) << target;
    EXPECT_EQ(as_public("GET", "/v1/purges").status, 403U);
    EXPECT_EQ(as_public("GET", "/v1/notices").status, 200U);
    EXPECT_EQ(as_operator("GET", "/v1/shutdown").status, 405U);
    EXPECT_EQ(as_operator("POST", "/v1/purges/x/step", "{}").status, 400U);
    EXPECT_EQ(as_operator("POST", "/v1/purges/9/step", "{}").status, 404U);
}

TEST_F(ListRoutes, AShutdownIsToldToAllAndEndsReports) {
    prove_with_token(suspect, suspect);
    EXPECT_EQ(as_operator("POST", "/v1/shutdown", "{}").status, 400U) << "a note is a must";
    ASSERT_EQ(as_operator("POST", "/v1/shutdown", R"({"note": "we close", "by": "carol"})").status, 201U);
    EXPECT_EQ(as_operator("POST", "/v1/shutdown", R"({"note": "we close"})").status, 409U);
    const auto told = as_public("GET", "/v1/notices");
    EXPECT_EQ(json(told).at("shut_down"), true);
    EXPECT_EQ(json(told).at("notices").as_array().at(0).at("text"), "we close");
    EXPECT_THAT(told.body, Not(HasSubstr("carol")));
    EXPECT_EQ(json(as_operator("GET", "/v1/status")).at("shutdown").at("text"), "we close");
    const auto shown = json(as_public("GET", "/v1/hosts/5.6.7.8"));
    EXPECT_EQ(shown.at("shut_down"), true);
    EXPECT_EQ(shown.at("zones").as_array().at(0).at("codes"), json::value(json::array{}));
    const auto refused = as_operator("POST", "/v1/reports", R"({"address": "5.6.7.9"})");
    EXPECT_EQ(refused.status, 403U);
    EXPECT_THAT(refused.body, HasSubstr("shut down"));
    ASSERT_EQ(as_operator("POST", "/v1/resume", "{}").status, 201U);
    EXPECT_EQ(json(as_operator("GET", "/v1/status")).at("shutdown"), nullptr);
    EXPECT_EQ(as_operator("POST", "/v1/reports", R"({"address": "5.6.7.9"})").status, 201U);
}

TEST_F(ListRoutes, APurgeIsSeenBeforeAndAfter) {
    prove_with_token(suspect, suspect);
    EXPECT_EQ(as_operator("POST", "/v1/purges", R"({"note": "x"})").status, 400U) << "that would be everything";
    EXPECT_EQ(as_operator("POST", "/v1/purges", R"({"technique": "smtp-relay/"})").status, 400U) << "a note is a must";
    const auto seen = json(as_operator("POST", "/v1/purges/preview", R"({"technique": "smtp-relay/"})"));
    EXPECT_EQ(seen.at("matched"), json::value(json::array{"5.6.7.8"}));
    EXPECT_EQ(seen.at("cursor"), "");
    EXPECT_TRUE(host(suspect)->listed());
    EXPECT_EQ(as_operator("POST", "/v1/purges/preview", R"({"technique": "a", "cursor": "zz"})").status, 400U);

    const auto begun = as_operator("POST", "/v1/purges",
                                   R"({"technique": "smtp-relay/", "note": "our sink was wrong", "by": "carol"})");
    ASSERT_EQ(begun.status, 201U) << begun.body;
    const auto done = json(as_operator("POST", "/v1/purges/1/step", "{}"));
    EXPECT_EQ(done.at("delisted"), 1);
    EXPECT_NE(done.at("finished"), nullptr);
    EXPECT_FALSE(host(suspect)->listed());
    EXPECT_THAT(as_public("GET", "/v1/notices").body, HasSubstr("our sink was wrong"));
    const auto history = as_public("GET", "/v1/hosts/5.6.7.8/history");
    EXPECT_THAT(history.body, HasSubstr("our sink was wrong"));
    EXPECT_THAT(history.body, Not(HasSubstr("carol")));
}

TEST_F(ListRoutes, ListingByHandIsOffByDefault) {
    const auto refused =
        as_operator("POST", "/v1/manual", R"({"address": "5.6.7.8", "class": "relay", "reason": "x", "until": "7d"})");
    EXPECT_EQ(refused.status, 403U);
    EXPECT_THAT(refused.body, HasSubstr("policy.manual_listing"));
}

TEST_F(ListRoutes, AListingByHandIsShownAsWhatItIs) {
    configuration.verifier.policy.manual_listing = true;
    for (const char* bad :
         {R"({"address": "5.6.7.8", "class": "relay", "reason": "x"})",
          R"({"address": "5.6.7.8", "class": "relay", "until": "7d"})",
          R"({"address": "5.6.7.8", "class": "king", "reason": "x", "until": "7d"})",
          R"({"address": "5.6.7.8", "class": "relay", "reason": "x", "until": "2001-01-01T00:00:00Z"})",
          R"({"address": "5.6.7.8", "class": "relay", "reason": "x", "until": "900d"})"})
        EXPECT_EQ(as_operator("POST", "/v1/manual", bad).status, 400U) << bad;
    EXPECT_EQ(
        as_operator("POST", "/v1/manual", R"({"address": "10.0.0.1", "class": "relay", "reason": "x", "until": "7d"})")
            .status,
        403U);
    const auto listed =
        as_operator("POST", "/v1/manual",
                    R"({"address": "5.6.7.8", "class": "relay", "reason": "answers nobody", "until": "7d",
                        "by": "carol"})");
    ASSERT_EQ(listed.status, 201U) << listed.body;
    const auto shown = json(as_public("GET", "/v1/hosts/5.6.7.8"));
    EXPECT_EQ(shown.at("listed"), true);
    EXPECT_EQ(shown.at("holes"), json::value(json::array{}));
    EXPECT_EQ(shown.at("manual").as_array().at(0).at("reason"), "answers nobody");
    EXPECT_EQ(shown.at("manual").as_array().at(0).at("until"), json::value(to_string(clock.now() + 7 * 24h)));
    const auto evidence = json(as_public("GET", "/v1/hosts/5.6.7.8/evidence"));
    EXPECT_EQ(evidence.at("evidence"), json::value(json::array{}));
    EXPECT_EQ(evidence.at("manual").as_array().size(), 1U);
    EXPECT_THAT(as_public("GET", "/5.6.7.8").body, HasSubstr("without proof"));
    for (const char* target :
         {"/v1/hosts/5.6.7.8", "/v1/hosts/5.6.7.8/evidence", "/v1/hosts/5.6.7.8/history", "/5.6.7.8"})
        EXPECT_THAT(as_public("GET", target).body, Not(HasSubstr("carol"))) << target;
    EXPECT_EQ(as_operator("POST", "/v1/manual/5.6.7.8/end", "{}").status, 400U);
    EXPECT_EQ(as_operator("POST", "/v1/manual/5.6.7.8/end", R"({"note": "a mistake"})").status, 200U);
    EXPECT_FALSE(host(suspect)->listed());
    EXPECT_EQ(as_operator("POST", "/v1/manual/5.6.7.8/end", R"({"note": "again"})").status, 404U);
}

} // namespace
} // namespace provenbl::tools
