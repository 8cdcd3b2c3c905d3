#include "dnsbl/server.hpp"

#include "dnsbl/guard/cookie_secrets.hpp"
#include "dnsbl/responder.hpp"
#include "dnsbl/sockets.hpp"
#include "dnsbl/tcp_server.hpp"
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
    Impl(zones::ZoneSet zones, const zones::Follower& follower, ServerSettings settings, const guard::KeyRing* keys)
        : zones(std::move(zones)), follower(follower), settings(std::move(settings)), keys(keys) {}

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
        responder.emplace(zones, ResponderSettings{settings.edns_size, settings.identity,
                                                   guard::AccessList(settings.access), std::move(*secrets)});
        watch.emplace(responder->zones().zones(), settings.watch, random_seed());
        udp.emplace(*responder, follower, settings.edns_size, settings.rate_limit, entropy, keys, *watch);
        tcp.emplace(*responder, follower, keys,
                    TcpSettings{{settings.tcp_connections, settings.tcp_per_client},
                                settings.tcp_message_timeout,
                                settings.tcp_idle_timeout},
                    *watch);
        for (auto& made : bound) {
            endpoints.push_back(made.endpoint);
            tcp->add(std::move(made.tcp), made.endpoint.address.is_v4());
            for (auto& socket : made.udp) udp->add(std::move(socket), made.endpoint);
        }
        watch->start();
        udp->start();
        tcp->start();
        return {};
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
    SystemEntropy entropy;
    std::vector<Endpoint> endpoints;
    std::optional<Responder> responder;
    std::optional<watch::Watch> watch;
    std::optional<UdpWorkers> udp;
    std::optional<TcpServer> tcp;
};

Server::Server(zones::ZoneSet zones, const zones::Follower& follower, ServerSettings settings,
               const guard::KeyRing* keys)
    : impl_(std::make_unique<Impl>(std::move(zones), follower, std::move(settings), keys)) {}

Server::~Server() = default;

Result<> Server::start() {
    return impl_->start();
}

void Server::stop() {
    if (impl_->udp) impl_->udp->stop();
    if (impl_->tcp) impl_->tcp->stop();
    if (impl_->watch) impl_->watch->stop();
}

ServerStatistics Server::statistics() const {
    return impl_->watch ? impl_->watch->statistics() : ServerStatistics{};
}

std::vector<Endpoint> Server::endpoints() const {
    return impl_->endpoints;
}

} // namespace provenbl::dnsbl
