// Services: a changed configuration is taken while they run.
#include "tools/daemon/sandbox/sandbox.hpp"
#include "tools/daemon/services/state.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string_view>

namespace provenbl::tools {
namespace {

std::vector<std::string> apexes(const std::vector<zones::StaticZoneDefinition>& zones) {
    std::vector<std::string> all;
    for (const auto& zone : zones) all.push_back(zone.apex);
    return all;
}

} // namespace

Services::Reloaded Services::Impl::reload(const Configuration& next, const std::vector<SettingChange>& all_changes) {
    // What waits for a restart is said again at each reload, and changes nothing.
    std::vector<SettingChange> changes;
    std::copy_if(all_changes.begin(), all_changes.end(), std::back_inserter(changes),
                 [](const SettingChange& change) { return !change.needs_restart; });
    const auto changed = [&](std::initializer_list<std::string_view> settings) {
        return std::any_of(settings.begin(), settings.end(),
                           [&](std::string_view setting) { return concern(changes, setting); });
    };
    // ---- what can fail, and changes nothing
    auto made = std::make_shared<World>(next);
    if (role != Role::dns) {
        if (auto furnished = furnish(*made); !furnished) return {furnished};
    }
    const bool other_letters =
        changed({"letters", "identity", "zone_defaults", "zones", "probe_domain", "policy", "api"});
    std::optional<letters::Contacts> contacts;
    if (verifies(role) && made->desk && other_letters) {
        auto read = letters::contacts_of(next.letters);
        if (!read) return {read.error()};
        contacts.emplace(std::move(*read));
    }
    std::shared_ptr<dnsbl::Server::Change> answers;
    auto library = statics;
    // Their order counts, too: zones find their data by their place.
    const bool other_statics = changed({"static_zones", "zone_defaults", "identity"}) ||
                               apexes(next.zones.static_zones) != apexes(world->configuration.zones.static_zones);
    if (dns) {
        if (other_statics) {
            auto read = read_statics(next);
            if (!read) return {read.error()};
            library = *read;
        }
        auto prepared = dns->prepare(next.zones, next.dns, library);
        if (!prepared) return {prepared.error()};
        answers = *prepared;
    }
    if (verifies(role) && configuration.service.sandbox) {
        if (auto reachable = exports_are_reachable(next); !reachable) return {reachable};
    }
    if (serves_api(role) && configuration.service.sandbox) {
        if (auto reachable = mail_is_reachable(next); !reachable) return {reachable};
    }
    // ---- what is in force from here on
    if (dns) {
        dns->use(answers);
        if (other_statics) {
            statics->stop();
            statics = library;
            statics->start();
        }
        if (role == Role::dns) warn_of_other_zones(next);
    }
    if (role != Role::dns) {
        if (const auto noted = note_zones(next); !noted)
            spdlog::error("the serial of the zones could not move: {}", noted.error().message);
    }
    if (other_letters) stop_postman();
    const auto before = world;
    {
        const std::lock_guard lock(remade_mutex);
        world = made;
    }
    // Whatever is begun anew gives way as it did.
    const auto began = precedence::give_way(configuration.nice, [&]() -> Result<> {
        if (!verifies(role)) return {};
        if (changed({"retention"})) housekeeper.emplace(*store, next.retention, Housekeeper::Pace{});
        if (changed({"exports", "zones", "policy_zones", "zone_defaults", "identity"})) {
            exporter.reset();
            start_exports();
        }
        if (contacts) start_postman(std::move(*contacts));
        return {};
    });
    if (!began) return {began, true};
    if (api) {
        const auto context = context_of(world);
        api->use(context);
        mirror_watch->use({world, &world->configuration});
        // Our own addresses are no suspects: all that names one changes what mail is filed by.
        const bool other_mail = changed(
            {"intake.mail", "gate", "policy", "identity", "probe", "probe_domain", "mail_sink", "callback_sink"});
        const bool closed = next.intake_mail.on() && !mail; // it failed before
        const auto receiving = precedence::give_way(configuration.nice, [&]() -> Result<> {
            return other_mail || closed ? receive_mail(context) : Result<>{};
        });
        if (!receiving)
            spdlog::error("no reports by mail are taken: {}; then reload again, or restart where a port below 1024 was "
                          "not configured at the start",
                          receiving.error().message);
        const auto watching = precedence::give_way(configuration.nice, [&] { return watch_intake(context); });
        if (!watching) spdlog::error("intake: {}; until the next reload no lists are taken", watching.error().message);
    }
    if (verifies(role) && changed({"identity", "probe", "probe_domain", "gate", "scheduler", "mail_sink",
                                   "callback_sink", "policy", "traps"})) {
        if (const auto started = restart_verifier(); !started) return {started, true};
    }
    return {};
}

Result<> Services::Impl::exports_are_reachable(const Configuration& next) const {
    for (const auto& one : next.exports) {
        const auto directory = one.file.parent_path();
        if (std::none_of(configuration.exports.begin(), configuration.exports.end(),
                         [&](const auto& other) { return other.file.parent_path() == directory; }))
            return Error{Errc::invalid,
                         fmt::format("exports: {} is in a directory that was not named at the start, which the "
                                     "sandbox lets nobody write: restart, or set service.sandbox to false",
                                     one.file.string())};
    }
    return {};
}

Result<> Services::Impl::mail_is_reachable(const Configuration& next) const {
    const auto& socket = next.intake_mail.socket;
    if (socket.empty() || sandbox::may_write(configuration, role, socket.parent_path())) return {};
    return Error{Errc::invalid,
                 fmt::format("intake.mail.socket: {} is in a directory that was not named at the start, which the "
                             "sandbox lets nobody write: restart, or set service.sandbox to false",
                             socket.string())};
}

} // namespace provenbl::tools
