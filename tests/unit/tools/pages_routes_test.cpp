#include "tests/unit/tools/api_fixture.hpp"
#include "tests/unit/tools/pages_document.hpp"
#include "tools/api/journal_reader.hpp"
#include "tools/pages/assets.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class PageRoutes : public ApiFixture {
protected:
    api::Response get(const std::string& target, const std::string& accept = "text/html") {
        return perform({"GET", target, accept, "", false, test::ip("9.9.9.9")});
    }
    api::Response page(const std::string& target) {
        auto found = get(target);
        EXPECT_EQ(found.status, 200U) << target;
        EXPECT_EQ(found.content_type, "text/html; charset=utf-8") << target;
        EXPECT_THAT(faults_of(found.body), IsEmpty()) << found.body;
        EXPECT_LT(found.body.size(), std::size_t{100} * 1024) << target;
        EXPECT_THAT(header(found, "Content-Security-Policy"), HasSubstr("default-src 'none'")) << target;
        return found;
    }
};

TEST_F(PageRoutes, TheFrontPageLooksAddressesUp) {
    const auto front = page("/").body;
    EXPECT_THAT(front, HasSubstr("<form id=\"lookup-form\" method=\"get\" action=\"/lookup\" role=\"search\">"));
    EXPECT_THAT(front, HasSubstr("<label for=\"address\">"));
    EXPECT_THAT(front, HasSubstr("<a href=\"/9.9.9.9\" id=\"own-address\">9.9.9.9</a>"));
    for (const auto& [asked, where] : std::vector<std::pair<std::string, std::string>>{
             {"5.6.7.8", "/5.6.7.8"}, {"%20%205.6.7.8%0d%0a", "/5.6.7.8"}, {"%5B2001:db8::1%5D", "/2001:db8::1"}}) {
        const auto found = get("/lookup?address=" + asked);
        EXPECT_EQ(found.status, 303U) << asked;
        EXPECT_EQ(header(found, "Location"), where);
    }
}

TEST_F(PageRoutes, WhatIsNoAddressIsAskedForAgain) {
    for (const char* target :
         {"/lookup", "/lookup?address=", "/lookup?address=%3Cscript%3E", "/lookup?address=1.2.3"}) {
        const auto again = get(target);
        EXPECT_EQ(again.status, 400U) << target;
        EXPECT_THAT(faults_of(again.body), IsEmpty());
        EXPECT_THAT(again.body, HasSubstr("aria-invalid=\"true\""));
    }
    EXPECT_THAT(get("/lookup?address=%3Cscript%3E").body, HasSubstr("value=\"&lt;script&gt;\""));
}

// A proxy in front of us has an address, too, that is nobody's to look up.
TEST_F(PageRoutes, NoAddressIsOfferedThatIsNeverVisited) {
    const auto front = perform({"GET", "/", "text/html", "", false, test::ip("127.0.0.1")});
    EXPECT_THAT(front.body, Not(HasSubstr("own-address")));
}

TEST_F(PageRoutes, CriteriaAreThoseInForce) {
    configuration.verifier.policy.unreachable_expiry = std::chrono::hours{24 * 11};
    configuration.verifier.policy.list_exits = true;
    const auto criteria = page("/criteria").body;
    EXPECT_THAT(criteria, HasSubstr("it expires after 11 days"));
    EXPECT_THAT(criteria, HasSubstr("that other address is listed, too"));
    EXPECT_THAT(criteria, HasSubstr("<code>smtp-relay</code>"));
    EXPECT_THAT(criteria, HasSubstr("<code>turn</code>"));
    for (const auto& zone : configuration.zones.zones) EXPECT_THAT(criteria, HasSubstr(zone.apex));
    configuration.verifier.policy.list_exits = false;
    EXPECT_THAT(page("/criteria").body, HasSubstr("only the entry is listed"));
}

TEST_F(PageRoutes, SettingsToCopyNameTheZoneAndItsCodes) {
    const auto use = page("/use").body;
    const auto& apex = configuration.zones.zones.front().apex;
    EXPECT_THAT(use, HasSubstr("reject_rbl_client " + apex + "=127.0.0.["));
    EXPECT_THAT(use, HasSubstr("postscreen_dnsbl_sites = " + apex));
    for (const char* program : {"Exim", "Sendmail", "SpamAssassin", "Rspamd", "Haraka", "HOPM"})
        EXPECT_THAT(use, HasSubstr(program));
}

TEST_F(PageRoutes, MirrorsSeeTheSerialAndNoMirrorIsNamed) {
    const auto empty = page("/mirrors").body;
    EXPECT_THAT(empty, HasSubstr("Nobody mirrors them yet."));
    prove_with_token(suspect, suspect);
    clock.advance(std::chrono::minutes{5});
    const auto later = page("/mirrors").body;
    EXPECT_THAT(later, HasSubstr("It is <strong>1</strong>"));
    EXPECT_THAT(later, HasSubstr(", 5 minutes ago"));
}

TEST_F(PageRoutes, HowFarMirrorsAreIsShownOnlyWhereItIsPublic) {
    api::MirrorLag lag;
    lag.mirror = "far-away";
    lag.zone = "bl.example";
    context.mirror_lags = [&] { return std::vector{lag}; };
    EXPECT_THAT(page("/mirrors").body, Not(HasSubstr("far-away")));
    configuration.mirrors.is_public = true;
    EXPECT_THAT(page("/mirrors").body, AllOf(HasSubstr("far-away"), HasSubstr("has not been asked yet")));
    lag.serial = 7;
    lag.asked = clock.now();
    EXPECT_THAT(page("/mirrors").body, HasSubstr("up to date"));
    lag.behind = 3;
    lag.age = std::chrono::minutes{2};
    EXPECT_THAT(page("/mirrors").body, HasSubstr("3 changes behind, for 2 minutes"));
    lag.ahead = true;
    EXPECT_THAT(page("/mirrors").body, HasSubstr("a serial that is not ours"));
    lag.silent_since = clock.now();
    EXPECT_THAT(page("/mirrors").body, HasSubstr("does not answer"));
}

TEST_F(PageRoutes, AssetsAreKeptForEver) {
    for (const auto& asset : pages::assets()) {
        const auto hashed = get("/assets/" + asset.hashed);
        EXPECT_EQ(hashed.status, 200U);
        EXPECT_EQ(hashed.content_type, asset.content_type);
        EXPECT_EQ(hashed.body, asset.content);
        EXPECT_EQ(header(hashed, "Cache-Control"), "public, max-age=31536000, immutable");
        EXPECT_EQ(header(hashed, "ETag"), asset.etag);
        EXPECT_THAT(header(get("/assets/" + asset.name), "Cache-Control"), Not(HasSubstr("immutable")));
        api::Request again{"GET", "/assets/" + asset.hashed, "*/*", "", false, test::ip("9.9.9.9")};
        again.headers.emplace_back("if-none-match", "W/\"x\", " + asset.etag);
        const auto kept = perform(again);
        EXPECT_EQ(kept.status, 304U);
        EXPECT_TRUE(kept.body.empty());
    }
    EXPECT_EQ(get("/assets/style-000000000000.css").status, 404U);
    EXPECT_EQ(get("/assets/..%2f..%2fetc%2fpasswd").status, 404U);
    EXPECT_EQ(get("/favicon.ico").content_type, "image/svg+xml");
    // Every page names them so that they are found.
    const auto front = page("/").body;
    for (const auto& asset : pages::assets()) EXPECT_THAT(front, HasSubstr("\"/assets/" + asset.hashed + "\""));
}

TEST_F(PageRoutes, RobotsKeepOffAddresses) {
    const auto robots = get("/robots.txt");
    EXPECT_EQ(robots.content_type, "text/plain; charset=utf-8");
    EXPECT_THAT(robots.body, HasSubstr("Disallow: /\n"));
    EXPECT_THAT(page("/5.6.7.8").body, HasSubstr("<meta name=\"robots\" content=\"noindex\">"));
}

TEST_F(PageRoutes, WhatIsNotThereIsSaidAsOneAsks) {
    const auto people = get("/nosuch");
    EXPECT_EQ(people.status, 404U);
    EXPECT_EQ(people.content_type, "text/html; charset=utf-8");
    EXPECT_THAT(faults_of(people.body), IsEmpty()) << people.body;
    EXPECT_THAT(people.body, HasSubstr("<h1>There is no such page</h1>"));
    EXPECT_EQ(get("/nosuch", "application/json").content_type, "application/problem+json");
    EXPECT_EQ(get("/v1/nosuch").content_type, "application/problem+json");
    const auto method = perform({"POST", "/criteria", "text/html", "", false, test::ip("9.9.9.9")});
    EXPECT_EQ(method.status, 405U);
    EXPECT_EQ(header(method, "Allow"), "GET");
}

TEST_F(PageRoutes, WhoRunsTheListIsOnEveryPage) {
    configuration.letters.organization = "Example & Association";
    configuration.verifier.identity.contact = "people@bl.example";
    for (const char* target : {"/", "/criteria", "/use", "/mirrors", "/statistics", "/5.6.7.8"}) {
        const auto body = page(target).body;
        EXPECT_THAT(body, HasSubstr("Run by Example &amp; Association.")) << target;
        EXPECT_THAT(body, HasSubstr("<a href=\"mailto:people@bl.example\">")) << target;
    }
}

TEST_F(PageRoutes, WhatTheOperatorSaysIsOnEveryPageAndText) {
    configuration.letters.organization = "Somebody Else";
    configuration.pages = {"Example & <b>Foundation</b>", "https://bl.example/contact?a=1&b=2",
                           "https://bl.example/imprint", "https://bl.example/privacy",
                           "Moves on Monday <script>alert(1)</script>"};
    for (const char* target : {"/", "/criteria", "/use", "/mirrors", "/statistics", "/5.6.7.8"}) {
        const auto body = page(target).body;
        EXPECT_THAT(body, HasSubstr("Run by Example &amp; &lt;b&gt;Foundation&lt;/b&gt;.")) << target;
        EXPECT_THAT(body, HasSubstr("<a href=\"https://bl.example/contact?a=1&amp;b=2\">")) << target;
        EXPECT_THAT(body, HasSubstr("<a href=\"https://bl.example/imprint\">Imprint</a>")) << target;
        EXPECT_THAT(body, HasSubstr("<a href=\"https://bl.example/privacy\">Privacy</a>")) << target;
        EXPECT_THAT(body, HasSubstr("Moves on Monday &lt;script&gt;")) << target;
        EXPECT_THAT(body, Not(HasSubstr("Somebody Else"))) << target;
    }
    configuration.pages = {};
    EXPECT_THAT(page("/").body, Not(HasSubstr("site-notice")));
    EXPECT_THAT(page("/").body, Not(HasSubstr("Imprint")));
}

TEST_F(PageRoutes, StatisticsAreWhatTheJournalTells) {
    EXPECT_THAT(page("/statistics").body, HasSubstr("has not been counted yet"));
    prove_with_token(suspect, suspect);
    api::JournalReader reader{*store, {1, Duration{0}, Duration{0}}};
    reader.catch_up();
    context.journal = &reader;
    const auto first = page("/statistics").body;
    EXPECT_THAT(first, HasSubstr("Hosts on the list: <strong>1</strong>"));
    EXPECT_THAT(first, HasSubstr("None has ended yet."));
    EXPECT_THAT(first, HasSubstr("<svg class=\"plot\""));
    prove_with_token(test::ip("5.6.7.9"), test::ip("5.6.7.9"));
    clock.advance(std::chrono::minutes{30});
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        Exclusion exclusion;
        exclusion.prefix = Prefix::of(suspect, 32);
        exclusion.reason = "asked";
        auto excluded = ledger::exclude(txn, exclusion);
        if (!excluded) return excluded.error();
        return {};
    }));
    reader.catch_up();
    const auto second = page("/statistics").body;
    EXPECT_THAT(second, HasSubstr("Hosts on the list: <strong>1</strong>"));
    EXPECT_THAT(second, HasSubstr("<td>its network was excluded</td><td>1</td>"));
    EXPECT_THAT(second, HasSubstr("<td>less than an hour</td><td>1</td>"));
    EXPECT_THAT(second, HasSubstr("2 listed, 1 delisted"));
    // Read from the beginning it is the same.
    api::JournalReader anew{*store, {100, Duration{0}, Duration{0}}};
    anew.catch_up();
    context.journal = &anew;
    EXPECT_EQ(page("/statistics").body, second);
    context.journal = nullptr;
}

} // namespace
} // namespace provenbl::tools
