#include "tools/daemon/service_manager.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstdint>
#include <cstring>
#include <ctime>
#include <systemd/sd-daemon.h>

namespace provenbl::tools::service_manager {
namespace {

void tell(const std::string& state) {
    // Negative: there is a manager, but it can't be told. Zero: there is none.
    if (const int told = sd_notify(0, state.c_str()); told < 0)
        spdlog::warn("can't tell the service manager how we are: {}", std::strerror(-told));
}

} // namespace

void ready(std::string_view status) {
    tell(fmt::format("READY=1\nSTATUS={}", status));
}

void reloading() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=reading the configuration",
                     static_cast<std::uint64_t>(now.tv_sec) * 1'000'000U +
                         static_cast<std::uint64_t>(now.tv_nsec) / 1000U));
}

void stopping() {
    tell("STOPPING=1\nSTATUS=stopping");
}

} // namespace provenbl::tools::service_manager
