#include "tools/api/span_text.hpp"

#include <fmt/format.h>

#include <string_view>

namespace provenbl::tools::api {

std::string in_words(Duration span) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
    const auto said = [](std::int64_t count, std::string_view one, std::string_view many) {
        return count == 1 ? std::string{one} : fmt::format("{} {}", count, many);
    };
    if (seconds >= 86'400 && seconds % 86'400 == 0) return said(seconds / 86'400, "a day", "days");
    if (seconds >= 3600 && seconds % 3600 == 0) return said(seconds / 3600, "an hour", "hours");
    if (seconds >= 60 && seconds % 60 == 0) return said(seconds / 60, "a minute", "minutes");
    return said(seconds, "a second", "seconds");
}

} // namespace provenbl::tools::api
