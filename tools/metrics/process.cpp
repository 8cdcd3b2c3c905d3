#include "tools/metrics/process.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace provenbl::tools::metrics {
namespace {

// Seconds since the epoch at which the machine started.
double boot_time() {
    std::ifstream in{"/proc/stat"};
    std::string word;
    double at = 0;
    while (in >> word) {
        if (word == "btime" && in >> at) return at;
    }
    return 0;
}

} // namespace

std::optional<ProcessState> process_state() {
    std::ifstream in{"/proc/self/stat"};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    // Behind the command's name, which may hold anything (proc(5)).
    const auto behind = text.rfind(')');
    if (behind == std::string::npos) return std::nullopt;
    std::istringstream fields{text.substr(behind + 1)};
    std::string state;
    fields >> state;
    std::array<std::uint64_t, 22> numbers{}; // fields 4 (ppid) to 25
    for (auto& number : numbers) {
        std::int64_t value = 0; // tpgid, priority and nice may be negative
        if (!(fields >> value)) break;
        number = static_cast<std::uint64_t>(value);
    }
    const auto field = [&](std::size_t which) { return numbers[which - 4]; };
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    ProcessState all;
    all.cpu_seconds = static_cast<double>(field(14) + field(15)) / ticks;
    all.threads = field(20);
    all.started = boot_time() + static_cast<double>(field(22)) / ticks;
    all.virtual_bytes = field(23);
    all.resident_bytes = field(24) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    std::error_code failed;
    for (std::filesystem::directory_iterator each{"/proc/self/fd", failed}, end; !failed && each != end;
         each.increment(failed))
        ++all.open_fds;
    if (all.open_fds > 0) --all.open_fds; // the directory's own
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) all.max_fds = limit.rlim_cur;
    return all;
}

} // namespace provenbl::tools::metrics
