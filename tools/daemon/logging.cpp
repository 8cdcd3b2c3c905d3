#include "tools/daemon/logging.hpp"

#include "store/clock.hpp"
#include "tools/api/plain_text.hpp"

#include <boost/json.hpp>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace provenbl::tools {
namespace {

class JsonFormatter final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        const auto level = spdlog::level::to_string_view(message.level);
        const auto time = std::chrono::time_point_cast<Duration>(message.time);
        const auto line = boost::json::serialize(
            boost::json::object{{"time", to_string(time)},
                                {"level", std::string_view{level.data(), level.size()}},
                                {"message", api::as_utf8({message.payload.data(), message.payload.size()})}});
        out.append(line.data(), line.data() + line.size());
        out.push_back('\n');
    }
    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<JsonFormatter>();
    }
};

} // namespace

std::unique_ptr<spdlog::formatter> json_formatter() {
    return std::make_unique<JsonFormatter>();
}

void start_logging(const LogSettings& settings) {
    auto logger = std::make_shared<spdlog::logger>("provenbl", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_level(spdlog::level::from_str(settings.level));
    logger->flush_on(spdlog::level::trace);
    if (settings.format == LogFormat::json)
        logger->set_formatter(json_formatter());
    else
        logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    spdlog::set_default_logger(std::move(logger));
}

} // namespace provenbl::tools
