#include "store/clock.hpp"

#include <fmt/chrono.h>

namespace provenbl {

std::string to_string(Time time) {
    if (time == Time{}) return "never";
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds.time_since_epoch().count()));
}

} // namespace provenbl
