#include "store/notices.hpp"
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/api/case_page.hpp"

#include <gmock/gmock.h>

namespace provenbl::tools {
namespace {

using testing::HasSubstr;
using testing::Not;

class CasePage : public ApiFixture {};

TEST_F(CasePage, SaysWhyAndHowToBeRemoved) {
    const auto token = prove_with_token(suspect, suspect);
    const auto page = as_public("GET", "/5.6.7.8");
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    EXPECT_THAT(page.body, HasSubstr("<strong>5.6.7.8 is listed</strong> (relay)"));
    EXPECT_THAT(page.body, HasSubstr("smtp-relay/plain"));
    EXPECT_THAT(page.body, HasSubstr("action=\"/v1/hosts/5.6.7.8/rescan\""));
    EXPECT_THAT(page.body, HasSubstr("8.7.6.5.bl.example"));
    EXPECT_THAT(page.body, HasSubstr("RCPT TO:&lt;[token]@probes.example&gt;"));
    EXPECT_THAT(page.body, Not(HasSubstr(token)));
    EXPECT_THAT(header(page, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
}

TEST_F(CasePage, WhatSuspectsSayIsOnlyText) {
    const auto token = mint.make();
    auto probe = test::mail_probe(1, suspect, clock.now());
    probe.id = token.id;
    probe.software = "<script>alert(1)</script>";
    probe.technique = "smtp-relay/\"><img src=x>";
    prove(probe, suspect);
    const auto page = as_public("GET", "/5.6.7.8");
    EXPECT_THAT(page.body, Not(HasSubstr("<script")));
    EXPECT_THAT(page.body, Not(HasSubstr("<img")));
    EXPECT_THAT(page.body, HasSubstr("&lt;script&gt;"));
}

TEST_F(CasePage, AnUnlistedHostHasAPageToo) {
    const auto page = as_public("GET", "/5.6.7.9");
    EXPECT_EQ(page.status, 200U);
    EXPECT_THAT(page.body, HasSubstr("5.6.7.9 is not listed"));
    EXPECT_THAT(page.body, Not(HasSubstr("<form")));
    EXPECT_THAT(as_public("GET", "/10.0.0.1").body, HasSubstr("special-purpose"));
    EXPECT_THAT(as_public("GET", "/2001:500::1").body, HasSubstr("2001:500::1 is not listed"));
}

TEST_F(CasePage, TheWayOutHasTheNumbersOfThePolicy) {
    prove_with_token(suspect, suspect);
    auto& rules = configuration.verifier.policy;
    const auto usual = as_public("GET", "/5.6.7.8").body;
    EXPECT_THAT(usual, HasSubstr("after 3 visits in a row, 10 seconds apart"));
    EXPECT_THAT(usual, HasSubstr("after 3 visits in a row, a day apart"));
    EXPECT_THAT(usual, HasSubstr("within 30 days of a delisting: after 2 clean visits in a row, an hour apart"));
    EXPECT_THAT(usual, HasSubstr("Nobody can reach it for 14 days"));
    rules.silent_scans = 5;
    rules.silent_spacing = std::chrono::hours{36};
    rules.closed_port_spacing = std::chrono::minutes{2};
    const auto other = as_public("GET", "/5.6.7.8").body;
    EXPECT_THAT(other, HasSubstr("after 5 visits in a row, 2 minutes apart"));
    EXPECT_THAT(other, HasSubstr("after 5 visits in a row, 36 hours apart"));
}

TEST_F(CasePage, ATestEntryIsInDnsThoughNotListed) {
    const auto page = as_public("GET", "/127.0.0.8").body;
    EXPECT_THAT(page, HasSubstr("127.0.0.8 is not listed"));
    EXPECT_THAT(page, HasSubstr("It is a test entry of RFC 5782: always in DNS, whatever is listed."));
    EXPECT_THAT(page, HasSubstr("<code>8.0.0.127.bl.example</code></td><td>127.0.0.8</td>"));
    EXPECT_THAT(page, HasSubstr("<code>8.0.0.127.relay.bl.example</code></td><td>not listed</td>"));
    EXPECT_THAT(as_public("GET", "/5.6.7.8").body, Not(HasSubstr("test entry")));
}

TEST_F(CasePage, WhatIsListedByHandAloneOffersNoVisit) {
    ManualListing entry;
    entry.reason = "spam";
    entry.by = "bob";
    entry.until = clock.now() + std::chrono::hours{24};
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        auto listed = ledger::list_manually(txn, suspect, entry);
        if (!listed) return listed.error();
        return {};
    }));
    const auto page = as_public("GET", "/5.6.7.8").body;
    EXPECT_THAT(page, HasSubstr("ends by itself at <time>" + to_string(entry.until)));
    EXPECT_THAT(page, Not(HasSubstr("<form")));
}

TEST_F(CasePage, AListThatIsShutDownHasNoCodes) {
    prove_with_token(suspect, suspect);
    EXPECT_THAT(as_public("GET", "/5.6.7.8").body, HasSubstr("127.0.0.2<"));
    ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
        auto closed = notices::shut_down(txn, "moving", "bob");
        if (!closed) return closed.error();
        return {};
    }));
    const auto page = as_public("GET", "/5.6.7.8").body;
    EXPECT_THAT(page, HasSubstr("The list is shut down"));
    EXPECT_THAT(page, Not(HasSubstr("127.0.0.2<")));
}

TEST_F(CasePage, EscapesEverythingThatHtmlReads) {
    EXPECT_EQ(api::escape_html("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
    EXPECT_EQ(api::escape_html(std::string("\x00\x1b\xc3\n", 4)), "\\x00\\x1b\\xc3\n");
}

} // namespace
} // namespace provenbl::tools
