#include "tools/api/describe.hpp"
#include "tools/api/rfc3339.hpp"

#include <gtest/gtest.h>

namespace provenbl::tools::api {
namespace {

TEST(Rfc3339, ReadsWhatWeWrite) {
    const Time time{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + std::chrono::hours{22}};
    EXPECT_EQ(parse_time(to_string(time)).value(), time);
    EXPECT_EQ(parse_time("2026-11-24").value(), Time{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}});
    EXPECT_EQ(parse_time("2026-11-24T23:00:00+01:00").value(), time);
    EXPECT_EQ(parse_time("2026-11-24t20:30:00.123-01:30").value(), time);
}

TEST(Rfc3339, RefusesTheRest) {
    for (const char* bad :
         {"", "tomorrow", "2026-13-01", "2026-02-30", "2026-11-24T", "2026-11-24T25:00:00Z", "2026-11-24T22:00Z",
          "2026-11-24T22:00:00", "2026-11-24T22:00:00Zx", "2026-11-24T22:00:00.Z", "26-11-24",
          "2026-11-24\x1a"
          "22:00:00Z"})
        EXPECT_FALSE(parse_time(bad)) << bad;
}

TEST(AsUtf8, KeepsTextAndEscapesBytes) {
    EXPECT_EQ(as_utf8("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"),
              "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
    EXPECT_EQ(as_utf8("\xff"), "\\xff");
    EXPECT_EQ(as_utf8("a\xc3"), "a\\xc3");
    EXPECT_EQ(as_utf8("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
    EXPECT_EQ(as_utf8("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
    EXPECT_EQ(as_utf8("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond Unicode";
}

} // namespace
} // namespace provenbl::tools::api
