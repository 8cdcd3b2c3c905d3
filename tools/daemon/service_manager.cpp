#include "tools/daemon/service_manager.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstring>
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

void stopping() {
    tell("STOPPING=1\nSTATUS=stopping");
}

} // namespace provenbl::tools::service_manager
