#include "tests/support/temporary_directory.hpp"
#include "tools/daemon/statistics_file.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class StatisticsFile : public testing::Test {
protected:
    test::TemporaryDirectory directory_;
    const std::filesystem::path file_ = directory_.path() / "dns-statistics.json";
    const Time now_{1'800'000'000s};

    void put(const std::string& text) const { std::ofstream{file_} << text; }
};

TEST_F(StatisticsFile, WhatIsWrittenIsRead) {
    ASSERT_TRUE(write_statistics(file_, {{"udp_queries", 7}}, now_));
    ASSERT_TRUE(write_statistics(file_, {{"udp_queries", 8}}, now_));
    const auto read = read_statistics(file_, now_ + 5s);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->at("udp_queries"), 8);
    EXPECT_EQ(read->at("written").as_string().c_str(), to_string(now_));
    EXPECT_EQ(read->if_contains("stale"), nullptr);
    EXPECT_FALSE(std::filesystem::exists(file_.string() + ".new"));
}

TEST_F(StatisticsFile, OldFiguresAreStale) {
    ASSERT_TRUE(write_statistics(file_, {}, now_));
    EXPECT_EQ(read_statistics(file_, now_ + 31s)->at("stale"), true);
    put(R"({"udp_queries": 1})");
    EXPECT_EQ(read_statistics(file_, now_)->at("stale"), true) << "nobody knows how old";
    put(R"({"written": "yesterday"})");
    EXPECT_EQ(read_statistics(file_, now_)->at("stale"), true);
}

TEST_F(StatisticsFile, AnythingElseIsAnError) {
    EXPECT_EQ(read_statistics(file_, now_).error().code, Errc::not_found);
    EXPECT_EQ(read_statistics(directory_.path(), now_).error().code, Errc::invalid);
    for (const char* text : {"", "[1]", "{\"a\":", "\xff\xfe"}) {
        put(text);
        EXPECT_EQ(read_statistics(file_, now_).error().code, Errc::corrupt) << text;
    }
    put(std::string((std::size_t{4} << 20U) + 1, ' '));
    EXPECT_EQ(read_statistics(file_, now_).error().code, Errc::limit);
    const auto nowhere = directory_.path() / "missing" / "x";
    EXPECT_THAT(write_statistics(nowhere, {}, now_).error().message, HasSubstr("missing/x.new: No such file"));
}

TEST_F(StatisticsFile, TheLastFiguresAreWrittenAtTheEnd) {
    ManualClock clock{now_};
    int calls = 0;
    {
        const StatisticsWriter writer{file_, clock, [&] { return boost::json::object{{"calls", ++calls}}; }};
    }
    EXPECT_EQ(read_statistics(file_, now_)->at("calls"), calls);
    EXPECT_GE(calls, 1);
}

} // namespace
} // namespace provenbl::tools
