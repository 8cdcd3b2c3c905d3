// What suspects and strangers say, where JSON and terminals show it.
#include "tools/api/plain_text.hpp"
#include "tools/cli/terminal.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace provenbl::tools {
namespace {

using api::as_utf8;
using api::is_plain;
using cli::printable;

TEST(AsUtf8, KeepsTextAndEscapesBytes) {
    const std::string text = "gr\xc3\xbc\xc3\x9f\t\xe2\x82\xac\r\n\xf0\x9f\x98\x80 \xc2\xa0\xf4\x8f\xbf\xbf";
    EXPECT_EQ(as_utf8(text), text);
    EXPECT_TRUE(is_plain(text));
    EXPECT_EQ(as_utf8("\xff"), "\\xff");
    EXPECT_EQ(as_utf8("a\xc3"), "a\\xc3");
    EXPECT_EQ(as_utf8("\xc3(\xe2\x82"), "\\xc3(\\xe2\\x82");
    EXPECT_EQ(as_utf8("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
    EXPECT_EQ(as_utf8("\xe0\x9f\xbf"), "\\xe0\\x9f\\xbf") << "overlong";
    EXPECT_EQ(as_utf8("\xf0\x8f\xbf\xbf"), "\\xf0\\x8f\\xbf\\xbf") << "overlong";
    EXPECT_EQ(as_utf8("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
    EXPECT_EQ(as_utf8("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond Unicode";
}

TEST(AsUtf8, ControlsDoNothing) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"\x1b[2J", "\\x1b[2J"},
        {std::string("\0", 1), "\\x00"},
        {"\x7f", "\\x7f"},
        {"\xc2\x9b"
         "31m",
         "\\x9b31m"}, // CSI as a character
        {"\x9b"
         "31m",
         "\\x9b31m"}, // and as an 8-bit byte
        {"\xc2\x80\xc2\x9f", "\\x80\\x9f"},
        {"\x80\x9f", "\\x80\\x9f"},
        {"\xe2\x80\xae"
         "abc",
         "\\u{202e}abc"},
        {"\xe2\x80\xaa\xe2\x81\xa6\xe2\x81\xa9", "\\u{202a}\\u{2066}\\u{2069}"},
    };
    for (const auto& [said, shown] : cases) {
        EXPECT_EQ(as_utf8(said), shown);
        EXPECT_EQ(printable(said), shown);
        EXPECT_FALSE(is_plain(said)) << shown;
        EXPECT_TRUE(is_plain(shown)) << shown;
    }
    EXPECT_EQ(as_utf8("\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa"),
              "\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa")
        << "their neighbours are no such controls";
}

TEST(Printable, ACarriageReturnOnlyEndsLines) {
    EXPECT_EQ(printable("a\r\nb\n"), "a\nb\n");
    EXPECT_EQ(printable("250 ok\rPROVEN"), "250 ok\\x0dPROVEN");
    EXPECT_EQ(printable("\r\r\n\r"), "\\x0d\n\\x0d");
}

} // namespace
} // namespace provenbl::tools
