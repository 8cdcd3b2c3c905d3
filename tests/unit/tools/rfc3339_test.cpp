#include "tools/api/rfc3339.hpp"

#include <gtest/gtest.h>

namespace provenbl::tools::api {
namespace {

TEST(Rfc3339, ReadsWhatWeWrite) {
    const Time time{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + std::chrono::hours{22}};
    EXPECT_EQ(parse_time(to_string(time)).value(), time);
    EXPECT_EQ(parse_time("2026-11-24").value(), Time{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}});
    EXPECT_EQ(parse_time("2026-11-24T23:00:00+01:00").value(), time);
    EXPECT_EQ(parse_time("2026-11-24t20:30:00.123-01:30").value(), time + Duration{123});
    EXPECT_EQ(parse_time("2026-11-24T22:00:00.0456789Z").value(), time + Duration{45});
}

TEST(Rfc3339, RefusesTheRest) {
    for (const char* bad :
         {"", "tomorrow", "2026-13-01", "2026-02-30", "2026-11-24T", "2026-11-24T25:00:00Z", "2026-11-24T22:00Z",
          "2026-11-24T22:00:00", "2026-11-24T22:00:00Zx", "2026-11-24T22:00:00.Z", "26-11-24",
          "2026-11-24\x1a"
          "22:00:00Z"})
        EXPECT_FALSE(parse_time(bad)) << bad;
}

} // namespace
} // namespace provenbl::tools::api
