#include "tools/daemon/daemon.hpp"

#include "tools/daemon/logging.hpp"
#include "tools/daemon/services.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <unistd.h>

namespace provenbl::tools {
namespace {

// Blocked before any thread starts, so that every thread inherits it and only wait() takes them.
class StopSignals {
public:
    StopSignals() {
        sigemptyset(&set_);
        sigaddset(&set_, SIGINT);
        sigaddset(&set_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &set_, &before_);
        std::signal(SIGPIPE, SIG_IGN);
        std::signal(SIGHUP, SIG_IGN);
    }
    ~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    [[nodiscard]] int wait() const {
        int signal = 0;
        while (sigwait(&set_, &signal) != 0) {
        }
        return signal;
    }

private:
    sigset_t set_{};
    sigset_t before_{};
};

void tell_ready(int descriptor) {
    if (descriptor < 0) return;
    ssize_t written = 0;
    do written = ::write(descriptor, "\n", 1);
    while (written < 0 && errno == EINTR);
    if (written < 0) spdlog::warn("can't write to --ready-fd {}: {}", descriptor, std::strerror(errno));
    if (descriptor > STDERR_FILENO) ::close(descriptor);
}

} // namespace

cli::Exit run_daemon(const Configuration& configuration, Role role, int ready_fd, bool json, cli::Terminal& terminal) {
    const StopSignals signals;
    start_logging(configuration.log);
    const SystemClock clock;
    SystemEntropy entropy;
    Services services{configuration, role, clock, entropy};
    if (const auto started = services.start(); !started) {
        terminal.complain(started.error().message);
        return cli::Exit::failed;
    }
    terminal.line(json ? services.ready_object() : services.ready_line());
    tell_ready(ready_fd);
    const int signal = signals.wait();
    spdlog::info("stopping on {}", signal == SIGTERM ? "SIGTERM" : "SIGINT");
    services.stop();
    spdlog::info("stopped");
    return cli::Exit::done;
}

} // namespace provenbl::tools
