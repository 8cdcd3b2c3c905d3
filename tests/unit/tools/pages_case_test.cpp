#include "store/notices.hpp"
#include "tests/unit/tools/api_fixture.hpp"
#include "tests/unit/tools/pages_document.hpp"
#include "tools/pages/html.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class CasePage : public ApiFixture {
protected:
    api::Response page_of(const std::string& target) {
        auto page = as_public("GET", target);
        EXPECT_EQ(page.content_type, "text/html; charset=utf-8") << target;
        EXPECT_THAT(faults_of(page.body), IsEmpty()) << page.body;
        EXPECT_LT(page.body.size(), std::size_t{100} * 1024) << target;
        return page;
    }
    api::Response press(const std::string& origin = "http://bl.example", const std::string& fetch_site = {}) {
        api::Request request{"POST", "/5.6.7.8/rescan", "text/html,*/*", "", false, test::ip("9.9.9.9")};
        request.headers = {{"host", "bl.example"}};
        if (!origin.empty()) request.headers.emplace_back("origin", origin);
        if (!fetch_site.empty()) request.headers.emplace_back("sec-fetch-site", fetch_site);
        return perform(request);
    }
    void delist() {
        ScanStep step;
        step.at = clock.now();
        step.technique = "smtp-relay/plain";
        step.target = suspect;
        step.port = 25;
        step.verdict = Verdict::refused;
        const auto scan = visit(suspect, {step}, finish("Closed."));
        const auto holes = host(suspect).value().holes;
        const auto clearance = Clearance::from_scan(scan, holes, ChangeReason::secured).value();
        const auto done = store->write([&](WriteTxn& txn) -> Result<> {
            auto cleared = ledger::clear(txn, clearance, "owner");
            if (!cleared) return cleared.error();
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
    }
    static std::uint64_t visit_of(const api::Response& pressed) {
        const auto location = header(pressed, "Location");
        const auto begin = location.find("visit=") + 6;
        return std::stoull(location.substr(begin));
    }
};

TEST_F(CasePage, SaysWhyAndHowToBeRemoved) {
    const auto token = prove_with_token(suspect, suspect);
    const auto page = page_of("/5.6.7.8");
    EXPECT_THAT(page.body, HasSubstr("<h1>5.6.7.8 is listed</h1>"));
    EXPECT_THAT(page.body, HasSubstr("Listed as <strong>relay</strong> since"));
    EXPECT_THAT(page.body, HasSubstr("<section class=\"evidence\"><h3>smtp-relay/plain at 5.6.7.8 port 25</h3>"));
    EXPECT_THAT(page.body, HasSubstr("<form method=\"post\" action=\"/5.6.7.8/rescan\"><button id=\"check-now\""));
    EXPECT_THAT(page.body, HasSubstr("<code>8.7.6.5.bl.example</code></td><td><code>127.0.0.2</code>"));
    EXPECT_THAT(page.body, HasSubstr("RCPT TO:&lt;[token]@probes.example&gt;"));
    EXPECT_THAT(page.body, Not(HasSubstr(token)));
    EXPECT_THAT(page.body, HasSubstr("<section id=\"fix\"><h2>How to close it</h2>"));
    EXPECT_THAT(page.body, HasSubstr("<ins>+ mynetworks = 127.0.0.1/32 [::1]/128</ins>"));
    EXPECT_THAT(page.body, HasSubstr("id=\"countdown\""));
    EXPECT_THAT(page.body, HasSubstr("<td>listed</td><td>verifier</td>"));
}

TEST_F(CasePage, BrowsersAreToldToTakeNothingFromElsewhere) {
    const auto page = page_of("/5.6.7.8");
    EXPECT_EQ(header(page, "Content-Security-Policy"),
              "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
              "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    EXPECT_EQ(header(page, "Referrer-Policy"), "same-origin");
    EXPECT_THAT(header(page, "Permissions-Policy"), HasSubstr("camera=()"));
    EXPECT_EQ(header(page, "Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_EQ(header(page, "Cross-Origin-Resource-Policy"), "same-origin");
}

TEST_F(CasePage, WhatSuspectsSayIsOnlyText) {
    const auto token = mint.make();
    auto probe = test::mail_probe(1, suspect, clock.now());
    probe.id = token.id;
    probe.software = "<script>alert(1)</script>\x1b[31m\xff";
    probe.technique = "smtp-relay/\"><img src=x onerror='y'>";
    probe.repeat = "</code></p><form action=\"https://evil.example\">";
    prove(probe, suspect);
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        tokens::attach_conversation(txn, token.id, "</pre><script>x</script>&amp;\x80\u202e", "<b>");
        return {};
    }));
    const auto page = page_of("/5.6.7.8");
    EXPECT_THAT(page.body, Not(HasSubstr("<script>")));
    EXPECT_THAT(page.body, Not(HasSubstr("<img")));
    EXPECT_THAT(page.body, Not(HasSubstr("action=\"https://evil")));
    EXPECT_THAT(page.body, HasSubstr("&lt;/pre&gt;&lt;script&gt;x"));
    EXPECT_THAT(page.body, HasSubstr("\\u{202e}"));
}

TEST_F(CasePage, HoweverMuchWasSaidItStaysSmall) {
    for (int port = 1; port < 40; ++port) {
        const auto token = mint.make();
        auto probe = test::mail_probe(1, suspect, clock.now());
        probe.id = token.id;
        probe.target.port = static_cast<std::uint16_t>(port);
        probe.software = std::string(2000, '"');
        probe.repeat = std::string(2000, '\'');
        prove(probe, suspect);
        ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
            tokens::attach_conversation(txn, token.id, std::string(200'000, '"'), "x");
            return {};
        }));
    }
    EXPECT_THAT(page_of("/5.6.7.8").body, HasSubstr("[cut here]"));
}

TEST_F(CasePage, AnUnlistedHostHasAPageToo) {
    const auto page = page_of("/5.6.7.9");
    EXPECT_EQ(page.status, 200U);
    EXPECT_THAT(page.body, HasSubstr("<h1>5.6.7.9 is not listed</h1>"));
    EXPECT_THAT(page.body, HasSubstr("never been listed"));
    EXPECT_THAT(page.body, Not(HasSubstr("<form")));
    EXPECT_THAT(page_of("/10.0.0.1").body, HasSubstr("special-purpose"));
    EXPECT_THAT(page_of("/2001:500::1").body, HasSubstr("2001:500::1 is not listed"));
}

TEST_F(CasePage, TheWayOutHasTheNumbersOfThePolicy) {
    prove_with_token(suspect, suspect);
    auto& rules = configuration.verifier.policy;
    const auto usual = page_of("/5.6.7.8").body;
    EXPECT_THAT(usual, HasSubstr("after 3 visits in a row, 10 seconds apart"));
    EXPECT_THAT(usual, HasSubstr("after 3 visits in a row, a day apart"));
    EXPECT_THAT(usual, HasSubstr("within 30 days of a delisting: after 2 clean visits in a row, an hour apart"));
    EXPECT_THAT(usual, HasSubstr("Nobody can reach it for 14 days"));
    rules.silent_scans = 5;
    rules.silent_spacing = std::chrono::hours{36};
    rules.closed_port_spacing = std::chrono::minutes{2};
    const auto other = page_of("/5.6.7.8").body;
    EXPECT_THAT(other, HasSubstr("after 5 visits in a row, 2 minutes apart"));
    EXPECT_THAT(other, HasSubstr("after 5 visits in a row, 36 hours apart"));
}

TEST_F(CasePage, TheButtonBringsAVisitThatCanBeFollowed) {
    prove_with_token(suspect, suspect);
    const auto pressed = press();
    ASSERT_EQ(pressed.status, 303U);
    const auto number = visit_of(pressed);
    EXPECT_EQ(header(pressed, "Location"), "/5.6.7.8?visit=" + std::to_string(number) + "#live-scan");
    const auto page = page_of("/5.6.7.8?visit=" + std::to_string(number)).body;
    EXPECT_THAT(page, HasSubstr("<div id=\"live-scan\" role=\"status\" aria-live=\"polite\" tabindex=\"-1\" "
                                "data-follow=\"/v1/hosts/5.6.7.8/"
                                "scans/" +
                                std::to_string(number) + "?follow=1\">"));
    EXPECT_THAT(page, HasSubstr("<noscript><meta http-equiv=\"refresh\" content=\"3;url=?visit=" +
                                std::to_string(number) + "\"></noscript>"));
}

TEST_F(CasePage, AClickThatComesTooSoonIsAnsweredOnThePage) {
    prove_with_token(suspect, suspect);
    ASSERT_EQ(press().status, 303U);
    const auto second = press();
    EXPECT_EQ(second.status, 429U);
    EXPECT_EQ(header(second, "Retry-After"), "10");
    EXPECT_THAT(second.body, HasSubstr("role=\"alert\" id=\"notice\""));
    EXPECT_THAT(faults_of(second.body), IsEmpty());
    EXPECT_EQ(perform({"POST", "/5.6.7.9/rescan", "text/html", "", false, test::ip("9.9.9.9")}).status, 403U);
    EXPECT_EQ(as_public("GET", "/5.6.7.8/rescan").status, 405U);
}

TEST_F(CasePage, AnotherSitesPageCanNotPressTheButton) {
    prove_with_token(suspect, suspect);
    EXPECT_EQ(press("https://evil.example").status, 403U);
    EXPECT_EQ(press("null").status, 403U);
    EXPECT_EQ(press("http://bl.example.evil.example").status, 403U);
    EXPECT_EQ(press("", "cross-site").status, 403U);
    EXPECT_EQ(press("", "same-site").status, 403U) << "a neighbour is somebody else";
    EXPECT_EQ(press("http://bl.example", "cross-site").status, 403U);
    // The same for the API's own route.
    api::Request request{"POST", "/v1/hosts/5.6.7.8/rescan", "application/json", "", false, suspect};
    request.headers.emplace_back("sec-fetch-site", "cross-site");
    EXPECT_EQ(perform(request).status, 403U);
    // Behind a proxy that changes Host, Sec-Fetch-Site tells.
    EXPECT_EQ(press("https://public.example", "same-origin").status, 303U);
}

TEST_F(CasePage, AFinishedVisitIsShownAndNotFollowed) {
    prove_with_token(suspect, suspect);
    ScanStep step;
    step.at = clock.now();
    step.technique = "smtp-relay/plain";
    step.target = suspect;
    step.port = 25;
    step.verdict = Verdict::open;
    step.detail = "250 <ok> & sent";
    const auto done = visit(suspect, {step}, finish("Still open."));
    const auto page = page_of("/5.6.7.8?visit=" + std::to_string(done.id)).body;
    EXPECT_THAT(page, HasSubstr("<li>smtp-relay/plain, port 25: open. 250 &lt;ok&gt; &amp; sent</li>"));
    EXPECT_THAT(page, HasSubstr("Still open."));
    EXPECT_THAT(page, Not(HasSubstr("data-follow")));
    EXPECT_THAT(page, Not(HasSubstr("http-equiv=\"refresh\"")));
    EXPECT_THAT(page_of("/5.6.7.8?visit=99999").body, HasSubstr("Still open.")) << "the last one instead";
    EXPECT_EQ(as_public("GET", "/5.6.7.8?visit=x").status, 200U);
}

// When a report's visit is due, and was made, tells when the report was made.
TEST_F(CasePage, OfAReportsVisitEverybodyKnowsTheDayAlone) {
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        auto queued = ledger::request_scan(txn, suspect, ScanKind::report, txn.now, {});
        if (!queued) return queued.error();
        return {};
    }));
    const auto waiting = page_of("/5.6.7.8").body;
    EXPECT_THAT(waiting,
                HasSubstr("The next visit is due <time datetime=\"" + to_string(clock.now()).substr(0, 10) + "\">"));
    EXPECT_THAT(waiting, Not(HasSubstr("data-follow")));
}

TEST_F(CasePage, ADelistedHostReadsThatItIsOver) {
    prove_with_token(suspect, suspect);
    clock.advance(std::chrono::hours{1});
    delist();
    const auto page = page_of("/5.6.7.8").body;
    EXPECT_THAT(page, HasSubstr("<h1>5.6.7.8 is not listed any more</h1>"));
    EXPECT_THAT(page, HasSubstr("class=\"state clean\""));
    EXPECT_THAT(page, HasSubstr("It was delisted at <time datetime=\"" + to_string(clock.now())));
    EXPECT_THAT(page, HasSubstr("may answer &#39;listed&#39; from their caches until"));
    EXPECT_THAT(page, HasSubstr("<td>delisted</td>"));
    EXPECT_THAT(page, Not(HasSubstr("check-now")));
    EXPECT_THAT(page, Not(HasSubstr("class=\"evidence\"")));
    clock.advance(std::chrono::hours{1});
    EXPECT_THAT(page_of("/5.6.7.8").body, HasSubstr("have forgotten the listing"));
}

TEST_F(CasePage, CachesAreCountedDown) {
    prove_with_token(suspect, suspect);
    EXPECT_THAT(page_of("/5.6.7.8").body, HasSubstr("may answer &#39;not listed&#39; from their caches until"));
    clock.advance(std::chrono::hours{1});
    const auto later = page_of("/5.6.7.8").body;
    EXPECT_THAT(later, HasSubstr("<p id=\"countdown\">Once it is off the list, resolvers forget within"));
    EXPECT_THAT(later, Not(HasSubstr("data-until")));
}

TEST_F(CasePage, ATestEntryIsInDnsThoughNotListed) {
    const auto page = page_of("/127.0.0.8").body;
    EXPECT_THAT(page, HasSubstr("127.0.0.8 is not listed"));
    EXPECT_THAT(page, HasSubstr("It is a test entry of RFC 5782: always in DNS, whatever is listed."));
    EXPECT_THAT(page, HasSubstr("<code>8.0.0.127.bl.example</code></td><td><code>127.0.0.8</code></td>"));
    EXPECT_THAT(page, HasSubstr("<code>8.0.0.127.relay.bl.example</code></td><td>not listed (NXDOMAIN)</td>"));
    EXPECT_THAT(page_of("/5.6.7.8").body, Not(HasSubstr("test entry")));
}

TEST_F(CasePage, WhatIsListedByHandAloneOffersNoVisit) {
    ManualListing entry;
    entry.reason = "spam <b>";
    entry.by = "bob";
    entry.until = clock.now() + std::chrono::hours{24};
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        auto listed = ledger::list_manually(txn, suspect, entry);
        if (!listed) return listed.error();
        return {};
    }));
    const auto page = page_of("/5.6.7.8").body;
    EXPECT_THAT(page, HasSubstr("ends by itself at <time datetime=\"" + to_string(entry.until)));
    EXPECT_THAT(page, HasSubstr("<strong>without proof</strong>"));
    EXPECT_THAT(page, HasSubstr("spam &lt;b&gt;"));
    EXPECT_THAT(page, Not(HasSubstr("<form")));
}

TEST_F(CasePage, AListThatIsShutDownHasNoCodes) {
    prove_with_token(suspect, suspect);
    EXPECT_THAT(page_of("/5.6.7.8").body, HasSubstr("<code>127.0.0.2</code>"));
    ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
        auto closed = notices::shut_down(txn, "moving", "bob");
        if (!closed) return closed.error();
        return {};
    }));
    const auto page = page_of("/5.6.7.8").body;
    EXPECT_THAT(page, HasSubstr("The list is shut down"));
    EXPECT_THAT(page, Not(HasSubstr("<code>127.0.0.2</code>")));
}

} // namespace
} // namespace provenbl::tools
