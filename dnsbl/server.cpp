#include "dnsbl/server.hpp"

#include "dnsbl/guard/cookie_secrets.hpp"
#include "dnsbl/notifier.hpp"
#include "dnsbl/serving.hpp"
#include "dnsbl/sockets.hpp"
#include "dnsbl/tcp_server.hpp"
#include "dnsbl/tls/keeper.hpp"
#include "dnsbl/udp_workers.hpp"
#include "store/entropy.hpp"
#include "store/log.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>
#include <optional>
#include <thread>

namespace provenbl::dnsbl {

struct Server::Change {
    std::shared_ptr<Serving> serving;
    bool same_zones = false; // by name
    bool same_for_mirrors = false;
    std::unique_ptr<transfer::NotifyNetwork> network;    // for the notifier of these zones
    std::shared_ptr<const tls::Credentials> credentials; // where DNS over TLS is on
};

namespace {

void tell_of_transfers(transfer::Book::Level level, std::string_view text) {
    using Level = transfer::Book::Level;
    log::of("dns")->log(level == Level::trouble ? spdlog::level::warn
                        : level == Level::news  ? spdlog::level::info
                                                : spdlog::level::debug,
                        "transfers: {}", text);
}

// The names of the zones, in the order in which answers number them.
std::vector<std::string> apexes(const zones::ZoneTable& table) {
    std::vector<std::string> names;
    for (const auto& zone : table.zones()) names.push_back(zone.apex().to_string());
    return names;
}

// What the notifier tells of, and who may be told.
bool same_for_mirrors(const zones::ZoneTable& a, const zones::ZoneTable& b) {
    return a.definition() == b.definition() &&
           std::equal(a.zones().begin(), a.zones().end(), b.zones().begin(), b.zones().end(),
                      [](const zones::Zone& one, const zones::Zone& other) {
                          return one.apex() == other.apex() && one.needs_key() == other.needs_key();
                      });
}

} // namespace

struct Server::Impl {
    Impl(zones::ZoneSet zones, const zones::Follower& follower, ServerSettings settings, const guard::KeyRing* keys,
         const transfer::MirrorRing* mirrors)
        : zones(std::move(zones)), follower(follower), settings(std::move(settings)), keys(keys), mirrors(mirrors) {}

    Result<> start() {
        if (auto valid = zones::validate(zones); !valid) return valid;
        auto secrets = cookie_secrets(settings);
        if (!secrets) return secrets.error();
        if (settings.tls.enabled()) {
            keeper.emplace(settings.tls, settings.tls.name, [](bool trouble, std::string_view text) {
                log::of("dns")->log(trouble ? spdlog::level::warn : spdlog::level::info, "DNS over TLS: {}", text);
            });
            if (auto loaded = keeper->load(clock.now()); !loaded) return loaded;
        }
        auto bound_tls = bind_tls(); // first: of the sockets that were passed it takes its own
        if (!bound_tls) return bound_tls.error();
        auto bound = bind();
        if (!bound) return bound.error();
        auto network = notify_network();
        if (!network) return network.error();
        auto serving = std::make_shared<Serving>(zones, settings, std::move(*secrets), statics, follower.store(), book);
        std::size_t workers = 0;
        for (const auto& made : *bound) workers += made.udp.size();
        watch_over(*serving, workers);
        current.publish(serving);
        udp.emplace(current, follower, keys, mirrors);
        tcp.emplace(serving, follower, keys, mirrors);
        for (auto& made : *bound) {
            endpoints.push_back(made.endpoint);
            tcp->add(std::move(made.tcp), made.endpoint.address.is_v4());
            for (auto& socket : made.udp) udp->add(std::move(socket), made.endpoint, made.kept);
        }
        if (keeper) tls.emplace(serving, follower, keys, mirrors, 1 + workers, &*keeper);
        for (auto& made : *bound_tls) {
            tls_endpoints.push_back(made.endpoint);
            tls->add(std::move(made.tcp), made.endpoint.address.is_v4());
        }
        serving->watch->start();
        udp->start();
        tcp->start();
        if (tls) tls->start();
        notify(serving, std::move(*network));
        return {};
    }

    Result<std::vector<BoundEndpoint>> bind() const {
        const auto workers =
            settings.workers != 0 ? settings.workers : std::max(std::thread::hardware_concurrency(), 1U);
        if (!adopted.empty()) return adopt_sockets(adopted, workers);
        std::vector<BoundEndpoint> bound;
        for (const auto& endpoint : settings.listen) {
            auto made = bind_endpoint(endpoint, workers);
            if (!made) return made.error();
            bound.push_back(std::move(*made));
        }
        return bound;
    }

    // Sockets that were passed are told apart by their ports: `adopted` keeps the others.
    Result<std::vector<BoundEndpoint>> bind_tls() {
        std::vector<std::uint16_t> ports;
        for (const auto& endpoint : settings.tls.listen) ports.push_back(endpoint.port);
        auto passed = adopt_listening_sockets(adopted, ports);
        if (!passed || !passed->empty()) return passed;
        std::vector<BoundEndpoint> bound;
        for (const auto& endpoint : settings.tls.listen) {
            auto made = bind_tcp_endpoint(endpoint);
            if (!made) return made.error();
            bound.push_back(std::move(*made));
        }
        return bound;
    }

    // A recorder for each thread that answers: TCP, the UDP workers, TLS.
    void watch_over(Serving& serving, std::size_t workers) {
        serving.watch =
            std::make_shared<watch::Watch>(serving.responder.zones().zones(), settings.watch, random_seed());
        serving.recorders.push_back(&serving.watch->add_recorder(Transport::tcp));
        for (std::size_t i = 0; i < workers; ++i)
            serving.recorders.push_back(&serving.watch->add_recorder(Transport::udp));
        if (keeper) serving.recorders.push_back(&serving.watch->add_recorder(Transport::tcp));
    }

    Result<std::shared_ptr<Change>> prepare(zones::ZoneSet next, ServerSettings with,
                                            std::shared_ptr<const zones::statics::Library> library) const {
        if (auto valid = zones::validate(next); !valid) return valid.error();
        auto secrets = cookie_secrets(with);
        if (!secrets) return secrets.error();
        with.edns_size = settings.edns_size;
        auto change = std::make_shared<Change>();
        if (keeper) {
            auto credentials = tls::Credentials::load(with.tls);
            if (!credentials) return credentials.error();
            change->credentials = std::move(*credentials);
        }
        change->serving = std::make_shared<Serving>(next, std::move(with), std::move(*secrets), std::move(library),
                                                    follower.store(), book);
        change->same_zones = apexes(change->serving->responder.zones()) == apexes(current.get()->responder.zones());
        const auto before = current.get();
        change->same_for_mirrors = // and nothing keeps what the old one reads from
            change->serving->statics == before->statics &&
            dnsbl::same_for_mirrors(change->serving->responder.zones(), before->responder.zones());
        if (change->same_for_mirrors) return change;
        auto network = notify_network();
        if (!network) return network.error();
        change->network = std::move(*network);
        return change;
    }

    void use(Change& change) {
        const auto before = current.get();
        auto& serving = *change.serving;
        // Counters and notices are of zones by name: what changes within a zone is nothing to them.
        if (change.same_zones) {
            serving.watch = before->watch;
            serving.recorders = before->recorders;
        } else {
            watch_over(serving, udp->count());
            serving.watch->start();
        }
        {
            const std::lock_guard lock(mutex);
            if (!change.same_zones) leaving = before->watch;
            current.publish(change.serving);
        }
        tcp->use(change.serving);
        if (tls) {
            keeper->use(serving.settings.tls, change.credentials, clock.now());
            tls->use(change.serving);
        }
        while (!udp->have_taken(current.generation())) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        if (!change.same_zones) {
            before->watch->stop(); // nobody shows it anything any more
            const std::lock_guard lock(mutex);
            auto until_now = leaving->statistics();
            leaving.reset();
            add_past(until_now, past);
            past = std::move(until_now);
        }
        if (!change.same_for_mirrors) notify(change.serving, std::move(change.network));
    }

    void notify(const std::shared_ptr<const Serving>& serving, std::unique_ptr<transfer::NotifyNetwork> network) {
        const std::lock_guard lock(mutex);
        if (notifier) {
            notifier->stop();
            notifier->add_to(past_told);
        }
        notifier.reset();
        notified = serving;
        if (!network) return;
        notifier.emplace(Notifier::World{serving->responder.zones(), follower, *mirrors, clock, notify_entropy},
                         settings.transfers.notify_interval, std::move(network));
        notifier->start();
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

    // Those that were made up stay for as long as we run.
    Result<wire::CookieSecrets> cookie_secrets(const ServerSettings& of) const {
        if (of.cookie_secret_file.empty()) return made_up;
        return guard::load_cookie_secrets(of.cookie_secret_file);
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
    const wire::CookieSecrets made_up = guard::random_cookie_secrets(entropy);
    std::vector<int> adopted;
    std::vector<Endpoint> tls_endpoints;
    std::shared_ptr<const zones::statics::Library> statics;
    const std::shared_ptr<transfer::Book> book = std::make_shared<transfer::Book>(tell_of_transfers);
    CurrentServing current;
    std::optional<UdpWorkers> udp;
    std::optional<TcpServer> tcp;
    std::optional<tls::Keeper> keeper; // where DNS over TLS is on
    std::optional<TcpServer> tls;
    const SystemClock clock;
    SystemEntropy notify_entropy;            // of the notifier's thread alone
    mutable std::mutex mutex;                // guards all that follows
    std::shared_ptr<watch::Watch> leaving;   // is still written to, while another takes its place
    ServerStatistics past;                   // of zones that were served before
    TransferStatistics past_told;            // by the notifiers of them
    std::shared_ptr<const Serving> notified; // whose zones the notifier tells of
    std::optional<Notifier> notifier;
};

Server::Server(zones::ZoneSet zones, const zones::Follower& follower, ServerSettings settings,
               const guard::KeyRing* keys, const transfer::MirrorRing* mirrors)
    : impl_(std::make_unique<Impl>(std::move(zones), follower, std::move(settings), keys, mirrors)) {}

Server::~Server() = default;

void Server::read_from(std::shared_ptr<const zones::statics::Library> statics) {
    impl_->statics = std::move(statics);
}

void Server::adopt(std::vector<int> sockets) {
    impl_->adopted = std::move(sockets);
}

Result<> Server::start() {
    return impl_->start();
}

Result<std::shared_ptr<Server::Change>> Server::prepare(zones::ZoneSet zones, ServerSettings settings,
                                                        std::shared_ptr<const zones::statics::Library> statics) const {
    return impl_->prepare(std::move(zones), std::move(settings), std::move(statics));
}

void Server::use(const std::shared_ptr<Change>& change) {
    impl_->use(*change);
}

void Server::stop() {
    if (impl_->notifier) impl_->notifier->stop();
    if (impl_->udp) impl_->udp->stop();
    if (impl_->tcp) impl_->tcp->stop();
    if (impl_->tls) impl_->tls->stop();
    if (const auto serving = impl_->current.get()) serving->watch->stop();
}

ServerStatistics Server::statistics() const {
    const std::lock_guard lock(impl_->mutex);
    const auto serving = impl_->current.get();
    if (!serving) return {};
    auto statistics = serving->watch->statistics();
    if (impl_->leaving) add_past(statistics, impl_->leaving->statistics());
    add_past(statistics, impl_->past);
    auto written = impl_->book->statistics();
    statistics.transfers = impl_->past_told;
    statistics.transfers.served = std::move(written.served);
    statistics.transfers.refused = written.refused;
    if (impl_->notifier) {
        statistics.mirrors = impl_->notifier->statistics();
        impl_->notifier->add_to(statistics.transfers);
    }
    if (serving->statics) statistics.static_zones = serving->statics->states();
    if (impl_->keeper) statistics.tls = impl_->keeper->statistics();
    return statistics;
}

std::vector<Endpoint> Server::endpoints() const {
    return impl_->endpoints;
}

std::vector<Endpoint> Server::tls_endpoints() const {
    return impl_->tls_endpoints;
}

} // namespace provenbl::dnsbl
