#include "store/log.hpp"
#include "tools/daemon/log_counts.hpp"
#include "tools/daemon/logging.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <sstream>

namespace provenbl::tools {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Logging, JsonLinesAreWholeWhateverTheySay) {
    const std::string message = "said \"hello\"\r\n\x1b[2J \xff end";
    spdlog::details::log_msg record{"dns", spdlog::level::warn, message};
    record.time = spdlog::log_clock::time_point{std::chrono::seconds{1'800'000'000}};
    spdlog::memory_buf_t buffer;
    json_formatter()->format(record, buffer);
    const std::string line{buffer.data(), buffer.size()};
    EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line";
    const auto object = boost::json::parse(line).as_object();
    EXPECT_EQ(object.at("level"), "warning");
    EXPECT_EQ(object.at("part"), "dns");
    EXPECT_EQ(object.at("time"), "2027-01-15T08:00:00Z");
    EXPECT_EQ(object.at("message"), "said \"hello\"\r\n\\x1b[2J \\xff end");
}

class LoggingTest : public testing::Test {
protected:
    ~LoggingTest() override { log::personal() = false; }

    void start(const LogSettings& settings) {
        loggers = make_loggers(settings, std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
    }
    spdlog::logger& part(std::string_view name) {
        return **std::find_if(loggers.begin(), loggers.end(), [&](const auto& one) { return one->name() == name; });
    }

    std::ostringstream text;
    std::vector<std::shared_ptr<spdlog::logger>> loggers;
};

TEST_F(LoggingTest, EachPartHasALevelOfItsOwn) {
    LogSettings settings;
    settings.level = "warn";
    settings.levels = {{"verifier", "debug"}, {"dns", "error"}};
    start(settings);
    part("verifier").debug("seen 1");
    part("dns").warn("hidden 2");
    part("dns").error("seen 3");
    part("letters").info("hidden 4");
    part("letters").warn("seen 5");
    part("provenbl").info("hidden 6");
    EXPECT_THAT(text.str(), HasSubstr(" debug verifier: seen 1\n"));
    EXPECT_THAT(text.str(), HasSubstr(" error dns: seen 3\n"));
    EXPECT_THAT(text.str(), HasSubstr(" warning letters: seen 5\n"));
    EXPECT_THAT(text.str(), Not(HasSubstr("hidden")));
}

TEST_F(LoggingTest, JsonNamesThePart) {
    LogSettings settings;
    settings.format = LogFormat::json;
    start(settings);
    part("exports").info("done");
    const auto object = boost::json::parse(text.str()).as_object();
    EXPECT_EQ(object.at("part"), "exports");
    EXPECT_EQ(object.at("message"), "done");
}

TEST_F(LoggingTest, EveryPartThatMaySpeakIsThere) {
    start({});
    for (const auto* name : log::parts) EXPECT_EQ(part(name).name(), name);
}

TEST_F(LoggingTest, TroubleIsCounted) {
    start({});
    const auto before = log_counts().read();
    part("dns").warn("one");
    part("verifier").error("two");
    part("verifier").error("three");
    part("verifier").info("not trouble");
    const auto after = log_counts().read();
    EXPECT_EQ(after.warnings - before.warnings, 1U);
    EXPECT_EQ(after.errors - before.errors, 2U);
}

TEST_F(LoggingTest, ClientsAndContactsAreShortenedUnlessTheyAreAskedFor) {
    const auto v4 = Address::parse("198.51.100.7").value();
    const auto v6 = Address::parse("2001:db8:1:2::3").value();
    EXPECT_EQ(log::client(v4), "198.51.100.0/24");
    EXPECT_EQ(log::client(v6), "2001:db8:1::/48");
    EXPECT_EQ(log::contact("abuse@example.net"), "...@example.net");
    EXPECT_EQ(log::words("550 <abuse@example.net>: no abuse@example.net here", "abuse@example.net"),
              "550 <...@example.net>: no ...@example.net here");
    log::personal() = true;
    EXPECT_EQ(log::client(v4), "198.51.100.7");
    EXPECT_EQ(log::contact("abuse@example.net"), "abuse@example.net");
    EXPECT_EQ(log::words("no abuse@example.net", "abuse@example.net"), "no abuse@example.net");
}

} // namespace
} // namespace provenbl::tools
