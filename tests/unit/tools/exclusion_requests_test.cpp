// Asking to be left alone: over HTTP, and on the pages.
#include "store/exclusion_requests.hpp"
#include "store/exclusions.hpp"
#include "tests/unit/tools/api_fixture.hpp"
#include "tests/unit/tools/pages_document.hpp"
#include "tools/api/form_body.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class ExclusionRoutes : public ApiFixture {
protected:
    static constexpr auto path = "/v1/exclusion-requests";

    api::Response ask(const std::string& body, const std::string& from = "5.6.7.8") {
        return perform({"POST", path, "application/json", body, false, test::ip(from.c_str())});
    }
    api::Response send_form(const std::string& body, const std::string& from = "5.6.7.8",
                            const std::string& origin = "http://bl.example") {
        api::Request request{"POST", "/exclusion", "text/html", body, false, test::ip(from.c_str())};
        request.headers = {{"host", "bl.example"}, {"origin", origin}};
        return perform(request);
    }
    api::Response page(const std::string& target, const std::string& from = "5.6.7.8") {
        const auto found = perform({"GET", target, "text/html", "", false, test::ip(from.c_str())});
        EXPECT_THAT(faults_of(found.body), IsEmpty()) << found.body;
        EXPECT_LT(found.body.size(), std::size_t{100} * 1024);
        return found;
    }
    std::optional<Exclusion> covering(const char* address) {
        return store->read(
            [&](const ReadTxn& txn) { return exclusions::covering(txn, test::ip(address), clock.now()); });
    }
};

TEST_F(ExclusionRoutes, WhoAsksGetsANumberAndSeesWhatBecomesOfIt) {
    const auto sent = ask(R"({"text": "a telescope"})");
    ASSERT_EQ(sent.status, 201U) << sent.body;
    const auto number = std::string{json(sent).at("number").as_string()};
    EXPECT_EQ(header(sent, "Location"), std::string{path} + "/" + number);
    EXPECT_EQ(json(sent).at("prefix"), "5.6.7.8/32");
    const auto location = std::string{path} + "/" + number;
    EXPECT_EQ(json(as_public("GET", location)).at("state"), "waiting");
    EXPECT_FALSE(covering("5.6.7.8")) << "nothing is automatic";

    const auto accepted = as_operator("POST", std::string{path} + "/1/accept",
                                      R"({"reason": "a network telescope", "by": "carol", "until": "90d"})");
    ASSERT_EQ(accepted.status, 200U) << accepted.body;
    ASSERT_TRUE(covering("5.6.7.8"));
    EXPECT_EQ(covering("5.6.7.8")->by, "carol");
    EXPECT_EQ(covering("5.6.7.8")->until, clock.now() + 90 * 24h);
    const auto seen = as_public("GET", location);
    EXPECT_EQ(json(seen).at("state"), "accepted");
    EXPECT_EQ(json(seen).at("answer"), "a network telescope");
    EXPECT_THAT(seen.body, Not(HasSubstr("carol")));
    EXPECT_EQ(as_operator("POST", std::string{path} + "/1/refuse", R"({"reason": "late"})").status, 409U);
}

TEST_F(ExclusionRoutes, NobodySeesWhatOthersAskFor) {
    const auto sent = ask(R"({"prefix": "7.7.0.0/24", "contact": "noc@secret.example", "text": "for reasons"})");
    ASSERT_EQ(sent.status, 201U) << sent.body;
    EXPECT_THAT(sent.body, Not(HasSubstr("secret")));
    EXPECT_EQ(as_public("GET", path).status, 405U) << "the list is the operator's";
    for (const char* guess : {"/1", "/1-", "/1-aaaaaaaaaaaaaaaa", "/x", "/-1", "/99999999999999999999", "/1-a/b"})
        EXPECT_EQ(as_public("GET", std::string{path} + guess).status, 404U) << guess;
    for (const char* what : {"/1/accept", "/1/refuse"})
        EXPECT_EQ(as_public("POST", std::string{path} + what).status, 403U);
    EXPECT_EQ(page("/exclusion/1").status, 404U);
    const auto all = json(as_operator("GET", path));
    EXPECT_EQ(all.at("waiting"), 1);
    EXPECT_EQ(all.at("requests").at(0).at("contact"), "noc@secret.example");
    EXPECT_EQ(all.at("requests").at(0).at("text"), "for reasons");
    EXPECT_EQ(all.at("requests").at(0).at("requester"), "5.6.7.8");
    EXPECT_EQ(as_operator("GET", std::string{path} + "/1").status, 200U);
}

TEST_F(ExclusionRoutes, WhatIsWrongIsSaid) {
    EXPECT_EQ(ask("{}").status, 400U);
    EXPECT_EQ(ask(R"({"text": "x", "prefix": "7.7.7.7"})").status, 400U) << "a stranger's, without a contact";
    EXPECT_EQ(ask(R"({"text": "x", "contact": "nobody"})").status, 400U);
    EXPECT_EQ(ask(R"({"text": "x", "prefix": "5.6.7.8/8"})").status, 400U);
    EXPECT_EQ(ask(R"({"text": "a\u001b[31mb"})").status, 400U);
    EXPECT_EQ(ask("{\"text\": \"" + std::string(2001, 'x') + "\"}").status, 400U);
    const auto special = ask(R"({"text": "x"})", "10.0.0.1");
    EXPECT_EQ(special.status, 409U);
    EXPECT_THAT(special.body, HasSubstr("left alone anyway"));
    EXPECT_EQ(as_operator("POST", path, R"({"text": "x"})").status, 400U);
    api::Request behind{"POST", path, "application/json", R"({"text": "x"})", false, test::ip("5.6.7.8")};
    behind.client_is_proxy = true;
    EXPECT_EQ(perform(behind).status, 403U);
    api::Request crossing{"POST", path, "application/json", R"({"text": "x"})", false, test::ip("5.6.7.8")};
    crossing.headers = {{"sec-fetch-site", "cross-site"}};
    EXPECT_THAT(perform(crossing).body, HasSubstr("cross-site"));
    EXPECT_EQ(json(as_operator("GET", path)).at("waiting"), 0);
    for (const char* number : {"x", "5", "1-a"})
        EXPECT_GE(as_operator("POST", std::string{path} + "/" + number + "/accept", "{}").status, 400U);
    ASSERT_EQ(ask(R"({"text": "x"})").status, 201U);
    EXPECT_EQ(as_operator("POST", std::string{path} + "/1/refuse", "{}").status, 400U) << "without a reason";
    EXPECT_EQ(as_operator("POST", std::string{path} + "/1/accept", R"({"until": "2001-01-01T00:00:00Z"})").status,
              400U);
    EXPECT_EQ(json(as_operator("GET", path)).at("waiting"), 1);
}

TEST_F(ExclusionRoutes, OnlyWhatIsLeftAloneAsAWholeIsRefusedForThat) {
    configuration.verifier.gate.own_networks.push_back(Prefix::parse("7.7.0.0/24").value());
    ASSERT_LT(as_operator("POST", "/v1/exclusions", R"({"prefix": "8.8.0.0/24", "reason": "asked"})").status, 300U);
    const auto ask_for = [&](const std::string& prefix, const std::string& from) {
        return ask(R"({"text": "x", "contact": "noc@example.net", "prefix": ")" + prefix + "\"}", from);
    };
    EXPECT_EQ(ask_for("7.7.0.0/16", "5.6.7.8").status, 201U) << "its base is ours, and the rest is not";
    EXPECT_EQ(ask_for("8.8.0.0/16", "5.6.7.8").status, 201U) << "its base is excluded, and the rest is not";
    const auto own = ask_for("7.7.0.128/25", "5.6.7.8");
    EXPECT_EQ(own.status, 409U);
    EXPECT_THAT(own.body, HasSubstr("left alone anyway"));
    const auto excluded = ask_for("8.8.0.0/25", "5.6.7.8");
    EXPECT_EQ(excluded.status, 409U);
    EXPECT_THAT(excluded.body, HasSubstr("excluded already"));
}

TEST_F(ExclusionRoutes, TheFormLeadsToThePageOfTheRequest) {
    const auto empty = page("/exclusion");
    EXPECT_EQ(empty.status, 200U);
    EXPECT_THAT(empty.body, HasSubstr("name=\"prefix\""));
    EXPECT_THAT(empty.body, HasSubstr("value=\"5.6.7.8\""));
    EXPECT_THAT(empty.body, HasSubstr("<textarea id=\"text\""));
    EXPECT_THAT(empty.body, HasSubstr("at most 2000 bytes"));
    EXPECT_THAT(page("/").body, HasSubstr("<a href=\"/exclusion\">"));
    const auto sent =
        send_form("prefix=5.6.7.0%2F24&contact=noc%40example.net&text=our+%3Cb%3Enetwork%3C%2Fb%3E%0D%0Aplease");
    ASSERT_EQ(sent.status, 303U) << sent.body;
    const auto location = header(sent, "Location");
    EXPECT_THAT(location, StartsWith("/exclusion/1-"));
    const auto waiting = page(location);
    EXPECT_THAT(waiting.body, HasSubstr("leave 5.6.7.0/24 alone"));
    EXPECT_THAT(waiting.body, HasSubstr("waits for the operator"));
    EXPECT_EQ(header(waiting, "Cache-Control"), "no-store");
    EXPECT_THAT(waiting.body, HasSubstr("content=\"noindex\""));
    EXPECT_EQ(json(as_operator("GET", path)).at("requests").at(0).at("text"), "our <b>network</b>\nplease");
    ASSERT_EQ(as_operator("POST", std::string{path} + "/1/refuse", R"({"reason": "<i>no</i>"})").status, 200U);
    EXPECT_THAT(page(location).body, HasSubstr("The operator says: &lt;i&gt;no&lt;/i&gt;"));
    EXPECT_EQ(perform({"POST", location, "text/html", "", false, test::ip("5.6.7.8")}).status, 405U);
    EXPECT_EQ(perform({"DELETE", "/exclusion", "text/html", "", false, test::ip("5.6.7.8")}).status, 405U);
}

TEST_F(ExclusionRoutes, AFormThatIsNotTakenComesBackAsItWas) {
    const auto again =
        send_form("prefix=7.7.7.7&contact=&text=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%3C%2Ftextarea%3E");
    EXPECT_EQ(again.status, 400U);
    EXPECT_THAT(faults_of(again.body), IsEmpty()) << again.body;
    EXPECT_THAT(again.body, HasSubstr("value=\"7.7.7.7\""));
    EXPECT_THAT(again.body, HasSubstr("leave a mail address"));
    EXPECT_THAT(again.body, HasSubstr("&lt;/textarea&gt;</textarea>"));
    EXPECT_THAT(again.body, Not(HasSubstr("<script>alert")));
    EXPECT_EQ(send_form("%zz").status, 400U);
    EXPECT_EQ(send_form("").status, 400U);
    EXPECT_EQ(send_form("text=x", "5.6.7.8", "https://evil.example").status, 403U);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(send_form("contact=a%40b.example&text=x&prefix=9.9.9." + std::to_string(i)).status, 303U);
    EXPECT_EQ(send_form("contact=a%40b.example&text=x&prefix=9.9.9.9").status, 403U) << "three wait already";
}

TEST_F(ExclusionRoutes, FormsAreReadAsBrowsersSendThem) {
    const auto fields = api::parse_form("a=1+2%2B3&b=&c=%C3%BC%0D%0Ax%0Dy&a=last").value();
    EXPECT_EQ(fields.at("a"), "last");
    EXPECT_EQ(fields.at("b"), "");
    EXPECT_EQ(fields.at("c"), "\u00fc\nx\ny");
    EXPECT_EQ(api::parse_form("a=1+2%2B3").value().at("a"), "1 2+3");
    EXPECT_FALSE(api::parse_form("a=%4"));
    EXPECT_FALSE(api::parse_form("a=\x01"));
    std::string many;
    for (int i = 0; i < 100; ++i) many += "&a" + std::to_string(i) + "=1";
    EXPECT_FALSE(api::parse_form(many));
}

} // namespace
} // namespace provenbl::tools
