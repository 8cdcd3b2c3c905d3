// Services: the role that verifies, with what else is done where the store is written: letters and exports.
#include "tools/daemon/services/state.hpp"

namespace provenbl::tools {

Result<> Services::Impl::start_verifier() {
    if (auto made = make_verifier(); !made) return made;
    housekeeper.emplace(*store, configuration.retention, Housekeeper::Pace{});
    start_exports();
    sweeper.emplace(*store, Sweeper::Pace{});
    if (auto started = verifier->start(); !started || !world->desk) return started;
    auto contacts = letters::contacts_of(configuration.letters);
    if (!contacts) return contacts.error();
    start_postman(std::move(*contacts));
    return {};
}

void Services::Impl::start_postman(letters::Contacts contacts) {
    postman_world = world;
    auto made = std::make_unique<letters::Postman>(*store, clock, entropy, world->configuration.letters, *world->desk,
                                                   std::move(contacts), letters::smarthost_of(world->configuration));
    made->start();
    const std::lock_guard lock(remade_mutex);
    postman = std::move(made);
}

void Services::Impl::stop_postman() {
    std::unique_ptr<letters::Postman> ending;
    const std::lock_guard lock(remade_mutex);
    ending.swap(postman);
}

Result<> Services::Impl::make_verifier() {
    verifier.reset();
    coordinator.reset();
    bus.reset();
    verifier_world = world;
    const auto& by = verifier_world->configuration;
    verifier.emplace(*store, clock, entropy, by.verifier, by.traps);
    const auto& settings = by.workers;
    if (settings.nats.url.empty()) return {};
    auto key = signing::SigningKey::of(configuration.store.directory);
    if (!key) return Error{key.error().code, "no visit can be given to a worker: " + key.error().message};
    coordinator_key.emplace(std::move(*key));
    workers.emplace(configuration.store.directory);
    bus = workers::nats_coordinator_bus(settings);
    coordinator.emplace(settings, by.verifier, *coordinator_key, *workers, *bus, clock, entropy);
    verifier->carry_out_by(*coordinator);
    return {};
}

void Services::Impl::start_exports() {
    if (world->configuration.exports.empty()) return;
    if (!follower && !export_index) export_index.emplace(*store);
    exporter.emplace(world->configuration, clock, [this] {
        if (follower) return follower->snapshot();
        export_index->catch_up();
        return export_index->snapshot();
    });
}

Result<> Services::Impl::restart_verifier() {
    verifier->stop();
    {
        const std::lock_guard lock(remade_mutex);
        if (auto made = make_verifier(); !made) return made;
    }
    return precedence::give_way(configuration.nice, [this] { return verifier->start(); });
}

} // namespace provenbl::tools
