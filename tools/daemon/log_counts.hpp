// How many lines of trouble were logged, whatever the levels let pass to standard error.
#pragma once

#include <spdlog/sinks/sink.h>

#include <atomic>
#include <cstdint>

namespace provenbl::tools {

class LogCounts {
public:
    struct Sum {
        std::uint64_t warnings = 0;
        std::uint64_t errors = 0;
        std::uint64_t critical = 0;
    };
    void add(spdlog::level::level_enum level) {
        if (level == spdlog::level::warn) ++warnings_;
        if (level == spdlog::level::err) ++errors_;
        if (level == spdlog::level::critical) ++critical_;
    }
    [[nodiscard]] Sum read() const { return {warnings_, errors_, critical_}; }

private:
    std::atomic<std::uint64_t> warnings_{0};
    std::atomic<std::uint64_t> errors_{0};
    std::atomic<std::uint64_t> critical_{0};
};

// Of this process, as its log is.
[[nodiscard]] LogCounts& log_counts();

// Counts what a logger takes.
class CountingSink final : public spdlog::sinks::sink {
public:
    void log(const spdlog::details::log_msg& message) override { log_counts().add(message.level); }
    void flush() override {}
    void set_pattern(const std::string& /*pattern*/) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter> /*formatter*/) override {}
};

} // namespace provenbl::tools
