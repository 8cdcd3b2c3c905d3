#include "tools/cli/worker_commands.hpp"

#include "store/log.hpp"
#include "tools/config/worker_file.hpp"
#include "tools/daemon/logging.hpp"
#include "tools/daemon/service_manager.hpp"
#include "tools/signing/signing_key.hpp"
#include "tools/workers/nats/bus.hpp"
#include "tools/workers/register.hpp"
#include "tools/workers/worker.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <csignal>
#include <optional>

namespace provenbl::tools::cli {
namespace json = boost::json;
namespace {

Exit fail(Terminal& terminal, const Error& error) {
    terminal.complain(error.message);
    return error.code == Errc::invalid ? Exit::usage : Exit::failed;
}

json::object object_of(const workers::Member& member) {
    return {{"name", member.name}, {"key", member.key.base64()}, {"id", member.key.id()}, {"added", member.added}};
}

std::optional<workers::WorkerSettings> settings_or_complaints(const std::string& file, Terminal& terminal) {
    auto loaded = load_worker_file(file);
    for (const auto& problem : loaded.problems) terminal.complain(problem.to_string(file));
    return std::move(loaded.settings);
}

} // namespace

Exit add_worker(const WorkerRequest& request, Terminal& terminal, bool json) {
    const auto directory = directory_of(request.place, terminal);
    if (!directory) return fail(terminal, directory.error());
    const auto added = workers::add_member(*directory, request.name, request.key, SystemClock{}.now());
    if (!added) return fail(terminal, added.error());
    if (json)
        terminal.line(json::serialize(object_of(*added)));
    else
        terminal.line(
            fmt::format("The worker {} (key {}) may carry out visits from now on.", added->name, added->key.id()));
    return Exit::done;
}

Exit list_workers(const WorkerRequest& request, Terminal& terminal, bool json) {
    const auto directory = directory_of(request.place, terminal);
    if (!directory) return fail(terminal, directory.error());
    const auto members = workers::read_register(*directory);
    if (!members) return fail(terminal, members.error());
    if (json) {
        json::array all;
        for (const auto& member : *members) all.push_back(object_of(member));
        terminal.line(json::serialize(json::object{{"workers", std::move(all)}}));
        return Exit::done;
    }
    if (members->empty()) terminal.line("There are no workers.");
    for (const auto& member : *members)
        terminal.line(fmt::format("{:<24} key {}, since {}", member.name, member.key.id(), printable(member.added)));
    return Exit::done;
}

Exit remove_worker(const WorkerRequest& request, Terminal& terminal, bool json) {
    const auto directory = directory_of(request.place, terminal);
    if (!directory) return fail(terminal, directory.error());
    const auto removed = workers::remove_member(*directory, request.name);
    if (!removed) return fail(terminal, removed.error());
    if (json)
        terminal.line(json::serialize(object_of(*removed)));
    else
        terminal.line(
            fmt::format("The worker {} is not believed any more; what it is at goes to others.", removed->name));
    return Exit::done;
}

Exit show_worker_key(const WorkerRequest& request, Terminal& terminal, bool json) {
    const auto settings = settings_or_complaints(request.file, terminal);
    if (!settings) return Exit::usage;
    const auto key = signing::SigningKey::of(settings->directory);
    if (!key) return fail(terminal, key.error());
    const auto& of = key->public_key();
    if (json) {
        terminal.line(json::serialize(json::object{{"key", of.base64()}, {"id", of.id()}}));
        return Exit::done;
    }
    terminal.line(of.base64());
    terminal.complain(fmt::format("at the coordinator: provenbl worker add NAME --key {}", of.base64()));
    return Exit::done;
}

Exit run_worker(const WorkerRequest& request, Terminal& terminal, bool json) {
    const auto settings = settings_or_complaints(request.file, terminal);
    if (!settings) return Exit::usage;
    // Before any thread starts, so that every thread inherits it.
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stops, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    start_logging(LogSettings{});
    const auto key = signing::SigningKey::of(settings->directory);
    if (!key) return fail(terminal, key.error());
    const auto coordinator = signing::PublicKey::parse(settings->coordinator_key);
    if (!coordinator) return fail(terminal, coordinator.error());
    const SystemClock clock;
    const auto bus = workers::nats_worker_bus(settings->nats, 2 * settings->concurrent_visits + 2);
    workers::Worker worker(*settings, *key, *coordinator, *bus, clock);
    if (const auto started = worker.start(); !started) return fail(terminal, started.error());
    const auto line = fmt::format("ready: worker with key {}", key->public_key().id());
    terminal.line(json ? json::serialize(json::object{{"event", "ready"}, {"key", key->public_key().id()}}) : line);
    service_manager::ready(line);
    int signal = 0;
    while (sigwait(&stops, &signal) != 0) {
    }
    service_manager::stopping();
    worker.stop();
    const auto counts = worker.counts();
    log::of("workers")->info("stopped: {} visits handed in, {} given up, {} passed on", counts.finished,
                             counts.given_up, counts.passed_on);
    return Exit::done;
}

} // namespace provenbl::tools::cli
