#include "tests/unit/tools/pages_document.hpp"
#include "tools/pages/assets.hpp"
#include "tools/pages/html.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace provenbl::tools::pages {
namespace {

TEST(PagesHtml, TextIsEscapedByDefault) {
    EXPECT_EQ(Html{"<a href=\"x\">&'"}.markup(), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
    EXPECT_EQ(tag("p", "<", std::string{">"}, 7, Html{"&"}).markup(), "<p>&lt;&gt;7&amp;</p>");
    EXPECT_EQ(element("a", {{"title", "\"><script>"}}, "x").markup(), "<a title=\"&quot;&gt;&lt;script&gt;\">x</a>");
}

TEST(PagesHtml, WhatIsNoTextIsShownAsWhatItIs) {
    EXPECT_EQ(escape_html(std::string("\x00\x1b\xc3\n", 4)), "\\x00\\x1b\\xc3\n");
    EXPECT_EQ(escape_html("Grüße, 世界"), "Grüße, 世界");
    EXPECT_EQ(escape_html("a\u202eb"), "a\\u{202e}b");
}

TEST(PagesHtml, MarkupIsNotEscapedTwice) {
    EXPECT_EQ(tag("p", tag("b", "&")).markup(), "<p><b>&amp;</b></p>");
}

TEST(PagesHtml, NamesAreOursAlone) {
    EXPECT_THROW((void)tag("p onclick"), std::logic_error);
    EXPECT_THROW((void)tag(""), std::logic_error);
    EXPECT_THROW((void)element("p", {{"a=b", "x"}}), std::logic_error);
    EXPECT_THROW((void)tag("br", "x"), std::logic_error);
    EXPECT_EQ(tag("br").markup(), "<br>");
}

TEST(PagesHtml, LinksLeadToWhereLinksMayLead) {
    EXPECT_EQ(link("/use", "x").markup(), "<a href=\"/use\">x</a>");
    EXPECT_EQ(link("https://bl.example/?a=1&b=2", "x").markup(), "<a href=\"https://bl.example/?a=1&amp;b=2\">x</a>");
    EXPECT_EQ(link("javascript:alert(1)", "x").markup(), "x");
    EXPECT_EQ(link("data:text/html,x", "x").markup(), "x");
    EXPECT_EQ(link("//evil.example", "x").markup(), "x");
}

TEST(PagesHtml, AnExcerptKeepsItsBound) {
    EXPECT_EQ(excerpt("short", 100).markup(), "short");
    for (const char c : {'a', '"', '\xff', '\x80', '\x01'}) {
        const auto part = excerpt(std::string(100'000, c), 1000);
        EXPECT_LE(part.size(), 1000U + 20U) << static_cast<int>(c);
        EXPECT_GT(part.size(), 800U) << static_cast<int>(c);
    }
    // Not inside a character.
    std::string text;
    for (int i = 0; i < 100; ++i) text += "ü";
    EXPECT_EQ(excerpt(text, 5).markup(), "üü\n[cut here]");
    EXPECT_EQ(excerpt(text, 0).markup(), "\n[cut here]");
}

TEST(PagesAssets, AreNamedByTheirContent) {
    ASSERT_EQ(assets().size(), 3U);
    for (const auto& asset : assets()) {
        EXPECT_FALSE(asset.content.empty());
        EXPECT_EQ(find_asset(asset.hashed), &asset);
        EXPECT_EQ(find_asset(asset.name), &asset);
        EXPECT_NE(asset.hashed, asset.name);
    }
    EXPECT_EQ(find_asset("../etc/passwd"), nullptr);
    EXPECT_THROW((void)asset_path("nosuch.css"), std::logic_error);
}

// The reader of the tests would see what is wrong.
TEST(PagesDocument, SeesFaults) {
    const auto page = [](const std::string& main) {
        return "<!doctype html>\n<html "
               "lang=\"en\"><head><title>x</title></head><body><header><nav></nav></header><main>" +
               main + "</main><footer></footer></body></html>\n";
    };
    EXPECT_TRUE(faults_of(page("<h1>x</h1><h2>y</h2>")).empty());
    for (const char* wrong :
         {"", "<h1>x</h1><p>", "<h1>x</h1></p>", "<h1>x</h1><h3>y</h3>", "<h1>x</h1><p id=\"a\"></p><p id=\"a\"></p>",
          "<h1>x</h1>&copy", "<h1>x</h1><p style=\"x\"></p>", "<h1>x</h1><script>y</script>",
          "<h1>x</h1><input id=\"a\">", "<h1>x</h1><a href=\"#nowhere\">y</a>", "<h1>x</h1><p onclick=\"x\"></p>",
          "<h1>x</h1>\x1b", "<h1>x</h1>\xff", "<h1>x</h1><p class=x></p>", "<h1>x</h1><p><div></div></p>",
          "<h1>x</h1> > "})
        EXPECT_FALSE(faults_of(page(wrong)).empty()) << wrong;
}

} // namespace
} // namespace provenbl::tools::pages
