#include "dnsbl/server.hpp"

#include "dnsbl/guard/cookie_secrets.hpp"
#include "dnsbl/notifier.hpp"
#include "dnsbl/responder.hpp"
#include "dnsbl/sockets.hpp"
#include "dnsbl/tcp_server.hpp"
#include "dnsbl/transfer/desk.hpp"
#include "dnsbl/udp_workers.hpp"
#include "dnsbl/watch/watch.hpp"
#include "store/entropy.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <thread>

namespace provenbl::dnsbl {

struct Server::Impl {
    Impl(zones::ZoneSet zones, const zones::Follower& follower, ServerSettings settings, const guard::KeyRing* keys,
         const transfer::MirrorRing* mirrors)
        : zones(std::move(zones)), follower(follower), settings(std::move(settings)), keys(keys), mirrors(mirrors) {}

    Result<> start() {
        if (auto valid = zones::validate(zones); !valid) return valid;
        auto secrets = cookie_secrets();
        if (!secrets) return secrets.error();
        std::vector<BoundEndpoint> bound;
        const auto workers =
            settings.workers != 0 ? settings.workers : std::max(std::thread::hardware_concurrency(), 1U);
        for (const auto& endpoint : settings.listen) {
            auto made = bind_endpoint(endpoint, workers);
            if (!made) return made.error();
            bound.push_back(std::move(*made));
        }
        auto network = notify_network();
        if (!network) return network.error();
        responder.emplace(zones, ResponderSettings{settings.edns_size, settings.identity,
                                                   guard::AccessList(settings.access), std::move(*secrets), statics});
        watch.emplace(responder->zones().zones(), settings.watch, random_seed());
        desk.emplace(responder->zones(), follower.store());
        udp.emplace(*responder, follower, settings.edns_size, settings.rate_limit, entropy, keys, mirrors, *desk,
                    *watch);
        tcp.emplace(*responder, follower, keys, mirrors, *desk,
                    TcpSettings{{settings.tcp_connections, settings.tcp_per_client},
                                settings.tcp_message_timeout,
                                settings.tcp_idle_timeout,
                                settings.transfers.limits},
                    *watch);
        for (auto& made : bound) {
            endpoints.push_back(made.endpoint);
            tcp->add(std::move(made.tcp), made.endpoint.address.is_v4());
            for (auto& socket : made.udp) udp->add(std::move(socket), made.endpoint);
        }
        watch->start();
        udp->start();
        tcp->start();
        if (*network) {
            notifier.emplace(Notifier::World{responder->zones(), follower, *mirrors, clock, notify_entropy},
                             settings.transfers.notify_interval, std::move(*network));
            notifier->start();
        }
        return {};
    }

    // Null without mirrors.
    Result<std::unique_ptr<transfer::NotifyNetwork>> notify_network() const {
        if (mirrors == nullptr) return std::unique_ptr<transfer::NotifyNetwork>();
        auto sources = settings.transfers.notify_source;
        for (const auto& endpoint : settings.listen) {
            const auto& address = endpoint.address;
            const auto same_family = [&](const Address& other) { return other.is_v4() == address.is_v4(); };
            if (!is_wildcard(address) && std::none_of(sources.begin(), sources.end(), same_family))
                sources.push_back(address);
        }
        return transfer::open_notify_sockets(sources);
    }

    Result<wire::CookieSecrets> cookie_secrets() {
        if (settings.cookie_secret_file.empty()) return guard::random_cookie_secrets(entropy);
        return guard::load_cookie_secrets(settings.cookie_secret_file);
    }

    std::uint64_t random_seed() {
        std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
        entropy.fill(bytes);
        return std::bit_cast<std::uint64_t>(bytes);
    }

    const zones::ZoneSet zones;
    const zones::Follower& follower;
    const ServerSettings settings;
    const guard::KeyRing* const keys;
    const transfer::MirrorRing* const mirrors;
    SystemEntropy entropy;
    std::vector<Endpoint> endpoints;
    const zones::statics::Library* statics = nullptr;
    std::optional<Responder> responder;
    std::optional<watch::Watch> watch;
    std::optional<transfer::Desk> desk;
    std::optional<UdpWorkers> udp;
    std::optional<TcpServer> tcp;
    const SystemClock clock;
    SystemEntropy notify_entropy; // of the notifier's thread alone
    std::optional<Notifier> notifier;
};

Server::Server(zones::ZoneSet zones, const zones::Follower& follower, ServerSettings settings,
               const guard::KeyRing* keys, const transfer::MirrorRing* mirrors)
    : impl_(std::make_unique<Impl>(std::move(zones), follower, std::move(settings), keys, mirrors)) {}

Server::~Server() = default;

void Server::read_from(const zones::statics::Library& statics) {
    impl_->statics = &statics;
}

Result<> Server::start() {
    return impl_->start();
}

void Server::stop() {
    if (impl_->notifier) impl_->notifier->stop();
    if (impl_->udp) impl_->udp->stop();
    if (impl_->tcp) impl_->tcp->stop();
    if (impl_->watch) impl_->watch->stop();
}

ServerStatistics Server::statistics() const {
    auto statistics = impl_->watch ? impl_->watch->statistics() : ServerStatistics{};
    if (impl_->notifier) statistics.mirrors = impl_->notifier->statistics();
    if (impl_->statics != nullptr) statistics.static_zones = impl_->statics->states();
    return statistics;
}

std::vector<Endpoint> Server::endpoints() const {
    return impl_->endpoints;
}

} // namespace provenbl::dnsbl
