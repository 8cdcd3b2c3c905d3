#include "dnsbl/server.hpp"

#include "dnsbl/responder.hpp"
#include "dnsbl/sockets.hpp"
#include "dnsbl/tcp_server.hpp"
#include "dnsbl/udp_workers.hpp"
#include "dnsbl/watch/watch.hpp"

#include <algorithm>
#include <optional>
#include <thread>

namespace provenbl::dnsbl {

struct Server::Impl {
    Impl(zones::ZoneSet zones, const zones::Follower& follower, ServerSettings settings)
        : zones(std::move(zones)), follower(follower), settings(std::move(settings)) {}

    Result<> start() {
        if (auto valid = zones::validate(zones); !valid) return valid;
        std::vector<BoundEndpoint> bound;
        const auto workers =
            settings.workers != 0 ? settings.workers : std::max(std::thread::hardware_concurrency(), 1U);
        for (const auto& endpoint : settings.listen) {
            auto made = bind_endpoint(endpoint, workers);
            if (!made) return made.error();
            bound.push_back(std::move(*made));
        }
        responder.emplace(zones, ResponderSettings{settings.edns_size, settings.identity});
        watch.emplace(responder->zones().zones());
        udp.emplace(*responder, follower, settings.edns_size, *watch);
        tcp.emplace(*responder, follower,
                    TcpSettings{{settings.tcp_connections, settings.tcp_per_client},
                                settings.tcp_message_timeout,
                                settings.tcp_idle_timeout},
                    *watch);
        for (auto& made : bound) {
            endpoints.push_back(made.endpoint);
            tcp->add(std::move(made.tcp), made.endpoint.address.is_v4());
            for (auto& socket : made.udp) udp->add(std::move(socket), is_wildcard(made.endpoint.address));
        }
        udp->start();
        tcp->start();
        return {};
    }

    const zones::ZoneSet zones;
    const zones::Follower& follower;
    const ServerSettings settings;
    std::vector<Endpoint> endpoints;
    std::optional<Responder> responder;
    std::optional<watch::Watch> watch;
    std::optional<UdpWorkers> udp;
    std::optional<TcpServer> tcp;
};

Server::Server(zones::ZoneSet zones, const zones::Follower& follower, ServerSettings settings)
    : impl_(std::make_unique<Impl>(std::move(zones), follower, std::move(settings))) {}

Server::~Server() = default;

Result<> Server::start() {
    return impl_->start();
}

void Server::stop() {
    if (impl_->udp) impl_->udp->stop();
    if (impl_->tcp) impl_->tcp->stop();
}

ServerStatistics Server::statistics() const {
    return impl_->watch ? impl_->watch->statistics() : ServerStatistics{};
}

std::vector<Endpoint> Server::endpoints() const {
    return impl_->endpoints;
}

} // namespace provenbl::dnsbl
