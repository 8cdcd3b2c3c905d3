// How this process is, as /proc tells it.
#pragma once

#include <cstdint>
#include <optional>

namespace provenbl::tools::metrics {

struct ProcessState {
    double cpu_seconds = 0; // user and system
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    double started = 0; // Unix seconds
    std::uint64_t open_fds = 0;
    std::uint64_t max_fds = 0; // 0: no limit
    std::uint64_t threads = 0;
};

// Nothing where /proc can't be read.
[[nodiscard]] std::optional<ProcessState> process_state();

} // namespace provenbl::tools::metrics
