#include "tools/daemon/logging.hpp"

#include "store/clock.hpp"
#include "store/log.hpp"
#include "tools/api/plain_text.hpp"
#include "tools/daemon/log_counts.hpp"

#include <boost/json.hpp>
#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
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
                                {"part", std::string_view{message.logger_name.data(), message.logger_name.size()}},
                                {"message", api::as_utf8({message.payload.data(), message.payload.size()})}});
        out.append(line.data(), line.data() + line.size());
        out.push_back('\n');
    }
    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<JsonFormatter>();
    }
};

std::unique_ptr<spdlog::formatter> formatter_of(LogFormat format) {
    if (format == LogFormat::json) return json_formatter();
    return std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %n: %v",
                                                       spdlog::pattern_time_type::utc);
}

} // namespace

LogCounts& log_counts() {
    static LogCounts counts;
    return counts;
}

std::unique_ptr<spdlog::formatter> json_formatter() {
    return std::make_unique<JsonFormatter>();
}

std::string level_of(const LogSettings& settings, std::string_view part) {
    const auto own = settings.levels.find(std::string{part});
    return own == settings.levels.end() || own->second.empty() ? settings.level : own->second;
}

std::vector<std::shared_ptr<spdlog::logger>> make_loggers(const LogSettings& settings,
                                                          const std::shared_ptr<spdlog::sinks::sink>& sink) {
    sink->set_formatter(formatter_of(settings.format));
    const spdlog::sinks_init_list sinks{sink, std::make_shared<CountingSink>()};
    std::vector<std::shared_ptr<spdlog::logger>> loggers;
    const auto add = [&](const std::string& name) {
        auto& logger = loggers.emplace_back(std::make_shared<spdlog::logger>(name, sinks));
        logger->set_level(spdlog::level::from_str(level_of(settings, name)));
        logger->flush_on(spdlog::level::trace);
    };
    add("provenbl");
    for (const auto* part : log::parts) add(part);
    return loggers;
}

void start_logging(const LogSettings& settings) {
    log::personal() = settings.personal;
    spdlog::drop_all();
    const auto loggers = make_loggers(settings, std::make_shared<spdlog::sinks::stderr_sink_mt>());
    for (std::size_t i = 1; i < loggers.size(); ++i) spdlog::register_logger(loggers[i]);
    spdlog::set_default_logger(loggers.front());
}

// In place: other threads log meanwhile.
void change_logging(const LogSettings& settings) {
    log::personal() = settings.personal;
    spdlog::apply_all([&](const std::shared_ptr<spdlog::logger>& logger) {
        logger->set_level(spdlog::level::from_str(level_of(settings, logger->name())));
    });
    // All write to the one sink that was made first.
    spdlog::default_logger_raw()->sinks().front()->set_formatter(formatter_of(settings.format));
}

} // namespace provenbl::tools
