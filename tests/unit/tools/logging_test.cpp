#include "tools/daemon/logging.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/formatter.h>

namespace provenbl::tools {
namespace {

TEST(Logging, JsonLinesAreWholeWhateverTheySay) {
    const std::string message = "said \"hello\"\r\n\x1b[2J \xff end";
    spdlog::details::log_msg record{"provenbl", spdlog::level::warn, message};
    record.time = spdlog::log_clock::time_point{std::chrono::seconds{1'800'000'000}};
    spdlog::memory_buf_t buffer;
    json_formatter()->format(record, buffer);
    const std::string line{buffer.data(), buffer.size()};
    EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line";
    const auto object = boost::json::parse(line).as_object();
    EXPECT_EQ(object.at("level"), "warning");
    EXPECT_EQ(object.at("time"), "2027-01-15T08:00:00Z");
    EXPECT_EQ(object.at("message"), "said \"hello\"\r\n\\x1b[2J \\xff end");
}

} // namespace
} // namespace provenbl::tools
