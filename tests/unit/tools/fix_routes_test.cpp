#include "tests/unit/tools/api_fixture.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools {
namespace {

using testing::HasSubstr;
using testing::Not;

class FixRoutes : public ApiFixture {
protected:
    static std::vector<std::string> guides(const boost::json::object& answer) {
        std::vector<std::string> names;
        for (const auto& guide : answer.at("guides").as_array())
            names.emplace_back(guide.as_object().at("guide").as_string().c_str());
        return names;
    }
};

TEST_F(FixRoutes, AListedHostGetsTheGuideOfWhatItRuns) {
    prove_with_token(suspect, suspect);
    const auto answer = as_public("GET", "/v1/hosts/5.6.7.8/fix");
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(guides(json(answer)), (std::vector<std::string>{"postfix", "class-relay"}));
    EXPECT_THAT(answer.body, HasSubstr(R"({"change":"old","text":"mynetworks = 0.0.0.0/0"})"));
    EXPECT_THAT(answer.body, HasSubstr("swaks --server 5.6.7.8 --port 25"));
    EXPECT_THAT(answer.body, HasSubstr(R"({"guide":"exim","software":"Exim"})"));
    EXPECT_THAT(answer.body, Not(HasSubstr(R"({"guide":"squid")")));
}

TEST_F(FixRoutes, OneMayAskForAnother) {
    prove_with_token(suspect, suspect);
    EXPECT_EQ(guides(json(as_public("GET", "/v1/hosts/5.6.7.8/fix?software=exim"))),
              (std::vector<std::string>{"exim", "postfix", "class-relay"}));
    EXPECT_EQ(guides(json(as_public("GET", "/v1/hosts/5.6.7.9/fix?software=squid"))),
              std::vector<std::string>{"squid"});
    EXPECT_EQ(as_public("GET", "/v1/hosts/5.6.7.8/fix?software=nosuch").status, 404U);
}

TEST_F(FixRoutes, AHostThatWasNeverProvenHasNothingToClose) {
    const auto answer = as_public("GET", "/v1/hosts/5.6.7.9/fix");
    EXPECT_EQ(answer.status, 404U);
    EXPECT_THAT(answer.body, HasSubstr("never proven open"));
    EXPECT_EQ(as_public("POST", "/v1/hosts/5.6.7.9/fix").status, 405U);
}

TEST_F(FixRoutes, ThePageShowsIt) {
    prove_with_token(suspect, suspect);
    const auto page = as_public("GET", "/5.6.7.8").body;
    EXPECT_THAT(page, HasSubstr("<h2>How to close it</h2>"));
    EXPECT_THAT(page, HasSubstr("+ mynetworks = 127.0.0.1/32 [::1]/128"));
    EXPECT_THAT(page, HasSubstr("href=\"/v1/hosts/5.6.7.8/fix\""));
    EXPECT_THAT(as_public("GET", "/5.6.7.9").body, Not(HasSubstr("How to close it")));
}

TEST_F(FixRoutes, WhatASuspectCallsItselfIsOnlyText) {
    const auto token = mint.make();
    auto probe = test::mail_probe(1, suspect, clock.now());
    probe.id = token.id;
    probe.software = "Postfix \x1b[31m " + token.text;
    prove(probe, suspect);
    const auto answer = as_public("GET", "/v1/hosts/5.6.7.8/fix");
    EXPECT_EQ(guides(json(answer)), (std::vector<std::string>{"postfix", "class-relay"}));
    EXPECT_THAT(answer.body, Not(HasSubstr(token.text)));
    EXPECT_THAT(answer.body, Not(HasSubstr("\x1b")));
}

} // namespace
} // namespace provenbl::tools
