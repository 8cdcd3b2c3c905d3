// Services: the role that people and programs talk to, with the ways in for reports.
#include "tools/daemon/services/state.hpp"

#include <spdlog/spdlog.h>

#include <string_view>

namespace provenbl::tools {

std::shared_ptr<const api::Context> Services::Impl::context_of(const std::shared_ptr<World>& of) {
    of->gate.emplace(*store, clock, of->configuration.verifier.gate);
    of->context.emplace(api::Context{*store, clock, of->configuration, *of->gate, *mint,
                                     [this] { return shown_statistics(); }, entropy,
                                     [this](std::uint64_t id) { return key_use(id); },
                                     signing_key ? &*signing_key : nullptr, of->desk ? &*of->desk : nullptr, &*journal,
                                     [this] { return metrics->text(); }, [this] { return mirror_watch->lags(); }});
    of->context->origins = origins ? &*origins : nullptr;
    return {of, &*of->context};
}

Result<> Services::Impl::start_mirror_watch() {
    auto network = dnsbl::transfer::open_notify_sockets({});
    if (!network) return network.error();
    mirror_watch = std::make_unique<MirrorWatch>(
        MirrorWatch::World{*store, clock, watch_entropy},
        std::shared_ptr<const Configuration>(world, &world->configuration), std::move(*network),
        [](bool trouble, std::string_view text) {
            log::of("dns")->log(trouble ? spdlog::level::warn : spdlog::level::info, "mirrors: {}", text);
        });
    mirror_watch->start();
    return {};
}

Result<> Services::Impl::start_api() {
    auto key = signing::SigningKey::of(configuration.store.directory);
    if (key)
        signing_key.emplace(std::move(*key));
    else // everything else goes on
        spdlog::error("receipts can't be given: {}", key.error().message);
    if (auto watching = start_mirror_watch(); !watching) return watching;
    journal.emplace(*store, api::JournalReader::Pace{});
    journal->start();
    if (configuration.statistics.any()) {
        origins.emplace(*store, clock, configuration.statistics, origins::Counter::Pace{});
        if (auto started = origins->start(); !started) return started;
    }
    api_context = context_of(world);
    if (auto started = receive_mail(api_context); !started) return started;
    api.emplace(*api_context);
    api->adopt(passed.api);
    if (auto started = api->start(); !started) return started;
    return watch_intake(api_context);
}

Result<> Services::Impl::receive_mail(std::shared_ptr<const api::Context> by) {
    {
        const std::lock_guard lock(remade_mutex);
        mail.reset();
        mail_context = std::move(by);
        if (!mail_context->configuration.intake_mail.on()) return {};
        mail.emplace(*mail_context);
    }
    auto started = mail->start();
    if (!started) {
        const std::lock_guard lock(remade_mutex);
        mail.reset();
    }
    return started;
}

Result<> Services::Impl::watch_intake(std::shared_ptr<const api::Context> by) {
    intake.reset();
    intake_context = std::move(by);
    if (intake_context->configuration.intake.folder.empty()) return {};
    intake.emplace(*intake_context);
    return intake->start();
}

Result<> Services::Impl::start_metrics_listener() {
    const auto& settings = configuration.metrics;
    const auto& where = serves_api(role)    ? settings.listen
                        : role == Role::dns ? settings.listen_dns
                                            : settings.listen_verifier;
    if (!where) return {};
    metrics_listener.emplace(*where, [this] { return metrics->text(); });
    return metrics_listener->start();
}

std::optional<api::KeyUse> Services::Impl::key_use(std::uint64_t id) const {
    const auto usage = keys ? keys->usage(id) : nullptr;
    if (!usage) return std::nullopt;
    return api::KeyUse{usage->today(clock.now()), usage->answered(), usage->refused()};
}

} // namespace provenbl::tools
