#include "tools/daemon/services/state.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <filesystem>

namespace provenbl::tools {
namespace json = boost::json;
namespace {

// A process that only answers DNS opens the store read-only, and truly can't alter a listing. Of those that
// write, one of each kind may run; the whole program counts as a verifier.
std::string lock_of(Role role) {
    switch (role) {
    case Role::dns:
        return "";
    case Role::api:
        return "api";
    default:
        return "verifier";
    }
}

} // namespace

Result<> Services::Impl::open_store() {
    auto options = configuration.store;
    options.read_only = role == Role::dns;
    options.single_pages = true;
    auto opened = Store::open(options, clock, lock_of(role));
    if (!opened) return options.read_only ? opening_error(opened.error()) : opened.error();
    store = std::move(*opened);
    if (options.read_only) return {};
    if (store->read(provenbl::transfer::unfinished)) return provenbl::transfer::unfinished_error();
    return note_zones(configuration);
}

Result<> Services::Impl::note_zones(const Configuration& as_defined) {
    const auto noted = store->write([digest = as_defined.zones.digest(),
                                     bits = as_defined.verifier.policy.ipv6_granularity](WriteTxn& txn) -> Result<> {
        if (auto unit = listing_unit::set(txn, bits); !unit) return unit;
        journal::note_configuration(txn, digest);
        return {};
    });
    // Answers go on without: only the serial stays as it was.
    if (!noted && noted.error().code == Errc::disk_full) {
        spdlog::error("the serial of the zones could not move: {}", noted.error().message);
        return {};
    }
    return noted;
}

Error Services::Impl::opening_error(const Error& error) const {
    const auto& directory = configuration.store.directory;
    std::error_code unknown;
    const bool absent = !std::filesystem::exists(directory / "data.mdb", unknown) && !unknown;
    if (error.code != Errc::not_found && !absent) return error;
    return {Errc::not_found, fmt::format("there are no provenbl data in {} yet, and the role dns only reads: start "
                                         "the role verifier (or all) first",
                                         directory.string())};
}

Result<> Services::Impl::prepare() {
    std::array<std::uint8_t, 32> fresh{};
    entropy.fill(fresh);
    std::array<std::uint8_t, 32> key{};
    auto read = store->write([&](WriteTxn& txn) -> Result<> {
        const auto kept = tokens::key(txn, fresh);
        if (!kept) return kept.error();
        key = *kept;
        return {};
    });
    if (!read) return read;
    mint.emplace(key, entropy);
    return furnish(*world);
}

Result<> Services::Impl::furnish(World& of) {
    if (!of.configuration.letters.enabled) return {};
    auto opened = letters::Desk::open(of.configuration, *mint);
    if (!opened) return opened.error();
    of.desk.emplace(std::move(*opened));
    return {};
}

void Services::Impl::stop() {
    intake.reset();
    metrics_listener.reset();
    if (mail) mail->stop();
    if (api) api->stop();
    api.reset();
    mail.reset(); // after whoever shows its figures
    origins.reset();
    mirror_watch.reset();
    journal.reset();
    metrics.reset();
    sweeper.reset();
    housekeeper.reset();
    postman.reset();
    exporter.reset();
    export_index.reset();
    if (verifier) verifier->stop();
    verifier.reset();
    coordinator.reset();
    bus.reset();
    workers.reset();
    if (dns) dns->stop();
    statistics_writer.reset(); // its last word is the final figures
    dns.reset();
    if (mirrors) mirrors->stop();
    mirrors.reset();
    statics.reset();
    if (keys) keys->stop();
    keys.reset();
    if (follower) follower->stop();
    follower.reset();
    store.reset();
}

Services::Reloaded Services::reload(const Configuration& next, const std::vector<SettingChange>& changes) {
    return impl_->reload(next, changes);
}

Services::Services(const Configuration& configuration, Role role, const Clock& clock, Entropy& entropy)
    : impl_(new Impl(configuration, role, clock, entropy)) {}

Services::~Services() {
    stop();
}

Result<> Services::start() {
    auto started = impl_->open_store();
    if (started && serves_dns(impl_->role)) started = precedence::come_first([this] { return impl_->start_dns(); });
    if (started && impl_->role != Role::dns) started = impl_->prepare();
    const auto nice = impl_->configuration.nice;
    if (started && verifies(impl_->role))
        started = precedence::give_way(nice, [this] { return impl_->start_verifier(); });
    if (started) impl_->prepare_metrics();
    if (started && serves_api(impl_->role)) started = precedence::give_way(nice, [this] { return impl_->start_api(); });
    if (started) started = impl_->start_metrics_listener();
    if (!started) stop();
    return started;
}

void Services::adopt(PassedSockets sockets) {
    impl_->passed = std::move(sockets);
}

void Services::stop() {
    impl_->stop();
}

std::string Services::ready_line() const {
    std::vector<std::string> parts;
    for (const auto& [name, places] : impl_->places())
        parts.push_back(fmt::format("{} {}", name, fmt::join(places, " ")));
    return fmt::format("ready: {}", fmt::join(parts, ", "));
}

std::string Services::ready_object() const {
    json::object object{{"event", "ready"}};
    for (const auto& [name, places] : impl_->places()) {
        auto& list = object[name == "mail sink" ? "mail_sink" : name].emplace_array();
        for (const auto& place : places) list.emplace_back(place);
    }
    return json::serialize(object);
}

} // namespace provenbl::tools
