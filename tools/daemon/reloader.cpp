#include "tools/daemon/reloader.hpp"

#include "tools/daemon/logging.hpp"
#include "tools/daemon/service_manager.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace provenbl::tools {

Reloader::Reloader(std::filesystem::path file, Role role, const Loaded& running, Services& services)
    : file_(std::move(file)), role_(role), services_(services), running_(running.configuration.value()),
      said_(running.said) {}

// What `systemctl status` shows: the first problem, and how many more there are.
std::string Reloader::refuse(const std::vector<std::string>& problems) const {
    for (const auto& problem : problems) spdlog::error("reload: {}", problem);
    const bool forbidden = std::any_of(problems.begin(), problems.end(), [](const std::string& problem) {
        return problem.find("Permission denied") != std::string::npos;
    });
    if (forbidden && running_.service.sandbox)
        spdlog::error("reload: the sandbox lets this process into no directory that was not named at its start: where "
                      "one is new, restart");
    spdlog::error("reload: refused, the old configuration holds on; correct {} and reload again", file_.string());
    return fmt::format("reload refused, the old configuration holds on: {}{}", problems.front(),
                       problems.size() > 1 ? fmt::format(" (and {} more, see the log)", problems.size() - 1) : "");
}

bool Reloader::reload() {
    service_manager::reloading();
    auto loaded = load_configuration(file_, role_);
    if (!loaded.configuration) {
        std::vector<std::string> problems;
        for (const auto& problem : loaded.problems) problems.push_back(problem.to_string(file_.string()));
        service_manager::ready(refuse(problems));
        return true;
    }
    const auto all = changes(said_, loaded.said);
    const auto next = taken_over(running_, *loaded.configuration);
    const auto reloaded = services_.reload(next, all);
    if (!reloaded.result) {
        const auto why = fmt::format("{}: {}", file_.string(), reloaded.result.error().message);
        if (reloaded.broken) {
            spdlog::critical("reload: {}; this process ends, to be started again", why);
            return false;
        }
        service_manager::ready(refuse({why}));
        return true;
    }
    change_logging(next.log);
    std::vector<std::string_view> waiting;
    for (const auto& change : all) {
        spdlog::info("reload: {}{}", change.to_string(), change.needs_restart ? " (needs a restart)" : "");
        if (change.needs_restart) waiting.push_back(change.setting);
    }
    if (!waiting.empty()) spdlog::warn("reload: not taken before a restart: {}", fmt::join(waiting, ", "));
    const auto taken = all.size() - waiting.size();
    spdlog::info("reload: done, {} settings have changed", taken);
    service_manager::ready(
        fmt::format("{}; reloaded, {} settings changed{}", services_.ready_line(), taken,
                    waiting.empty() ? std::string{} : fmt::format("; needs a restart: {}", fmt::join(waiting, ", "))));
    said_ = taken_over(said_, loaded.said);
    running_ = next;
    return true;
}

} // namespace provenbl::tools
