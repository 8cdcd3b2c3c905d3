#include "tools/daemon/daemon.hpp"

#include "tools/daemon/logging.hpp"
#include "tools/daemon/reloader.hpp"
#include "tools/daemon/sandbox/sandbox.hpp"
#include "tools/daemon/service_manager.hpp"
#include "tools/daemon/services.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/resource.h>
#include <unistd.h>

namespace provenbl::tools {
namespace {

// Blocked before any thread starts, so that every thread inherits it and only wait() takes them.
class Signals {
public:
    Signals() {
        sigemptyset(&set_);
        sigaddset(&set_, SIGINT);
        sigaddset(&set_, SIGTERM);
        sigaddset(&set_, SIGHUP);
        pthread_sigmask(SIG_BLOCK, &set_, &before_);
        std::signal(SIGPIPE, SIG_IGN);
        std::signal(SIGHUP, SIG_DFL); // blocked, and taken by wait(); whoever started us may have ignored it
    }
    ~Signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

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

// The usual limit of 1024 open files is less than the connections that the configuration allows.
void raise_open_files(const Configuration& configuration, Role role) {
    constexpr std::size_t for_all_else = 256;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    auto wanted = for_all_else;
    if (serves_dns(role)) wanted += configuration.dns.tcp_connections + configuration.dns.tls.connections;
    if (serves_api(role)) wanted += configuration.api.connection_limit;
    if (verifies(role))
        wanted += configuration.verifier.mail_sink.connection_limit +
                  configuration.verifier.callback_sink.connection_limit +
                  2 * configuration.verifier.scheduler.concurrent_scans;
    if (limit.rlim_cur < wanted)
        spdlog::warn(
            "{} open files are allowed, the configured connections may need {}: raise LimitNOFILE, or lower the "
            "limits of connections",
            limit.rlim_cur, wanted);
}

void tell_ready(int descriptor) {
    if (descriptor < 0) return;
    ssize_t written = 0;
    do written = ::write(descriptor, "\n", 1);
    while (written < 0 && errno == EINTR);
    if (written < 0) spdlog::warn("can't write to --ready-fd {}: {}", descriptor, std::strerror(errno));
    if (descriptor > STDERR_FILENO) ::close(descriptor);
}

} // namespace

cli::Exit run_daemon(const std::filesystem::path& file, const Loaded& loaded, Role role, int ready_fd, bool json,
                     cli::Terminal& terminal) {
    const auto& configuration = loaded.configuration.value();
    const Signals signals;
    start_logging(configuration.log);
    raise_open_files(configuration, role);
    if (const auto entered = sandbox::enter(configuration, role, file); !entered) {
        terminal.complain(entered.error().message);
        return cli::Exit::failed;
    }
    const SystemClock clock;
    SystemEntropy entropy;
    auto passed = passed_sockets(role);
    if (!passed) {
        terminal.complain(passed.error().message);
        return cli::Exit::failed;
    }
    Services services{configuration, role, clock, entropy};
    services.adopt(std::move(*passed));
    if (const auto started = services.start(); !started) {
        terminal.complain(started.error().message);
        return cli::Exit::failed;
    }
    terminal.line(json ? services.ready_object() : services.ready_line());
    tell_ready(ready_fd);
    service_manager::ready(services.ready_line());
    Reloader reloader{file, role, loaded, services};
    bool broken = false;
    int signal = signals.wait();
    for (; signal == SIGHUP; signal = signals.wait()) {
        broken = !reloader.reload();
        if (broken) break;
    }
    if (!broken) spdlog::info("stopping on {}", signal == SIGTERM ? "SIGTERM" : "SIGINT");
    service_manager::stopping();
    services.stop();
    spdlog::info("stopped");
    return broken ? cli::Exit::failed : cli::Exit::done;
}

} // namespace provenbl::tools
