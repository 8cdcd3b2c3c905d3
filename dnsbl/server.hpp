// The DNS server as a whole: UDP workers and TCP, over the follower's snapshots. The public face of this folder.
#pragma once

#include "dnsbl/guard/access_list.hpp"
#include "dnsbl/guard/key_ring.hpp"
#include "dnsbl/guard/rate_limit.hpp"
#include "dnsbl/tls/settings.hpp"
#include "dnsbl/transfer/mirror_ring.hpp"
#include "dnsbl/transfer/settings.hpp"
#include "dnsbl/watch/settings.hpp"
#include "dnsbl/watch/statistics.hpp"
#include "store/address.hpp"
#include "store/clock.hpp"
#include "store/result.hpp"
#include "zones/definition.hpp"
#include "zones/follower.hpp"
#include "zones/static/library.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace provenbl::dnsbl {

struct ServerSettings {
    std::vector<Endpoint> listen; // UDP and TCP; port 0 takes a free one
    unsigned workers = 0;         // UDP threads for each endpoint; 0: one per core
    std::uint16_t edns_size = 1232;
    std::size_t tcp_connections = 1000;
    std::size_t tcp_per_client = 100;                    // of one IPv4 address or IPv6 /64
    std::chrono::milliseconds tcp_message_timeout{2000}; // from a message's first octet to its last
    std::chrono::milliseconds tcp_idle_timeout{10000};   // between messages
    std::string identity = {};                           // answers id.server and NSID; empty: not told
    watch::WatchSettings watch = {};                     // query log and dnstap
    // Where a process that has no API writes its statistics; empty: nowhere. For whoever owns the server.
    std::filesystem::path statistics_file = {};
    std::vector<guard::AccessRule> access = {};    // who may ask; nobody is refused by default
    guard::RateLimitSettings rate_limit = {};      // of answers over UDP
    std::filesystem::path cookie_secret_file = {}; // guard/cookie_secrets.hpp; empty: a random secret
    transfer::TransferSettings transfers = {};
    tls::TlsSettings tls = {}; // DNS over TLS
};

class Server {
public:
    // `follower`, `keys` and `mirrors` must outlive the server. Without `keys` there are no access keys, without
    // `mirrors` no mirrors: nobody may transfer, and nobody is told of changes.
    Server(zones::ZoneSet zones, const zones::Follower& follower, ServerSettings settings,
           const guard::KeyRing* keys = nullptr, const transfer::MirrorRing* mirrors = nullptr);
    ~Server(); // stops
    // Before start: what the zone set's static zones are read from. Without it they answer SERVFAIL.
    void read_from(std::shared_ptr<const zones::statics::Library> statics);
    // Before start: sockets that somebody else keeps, UDP and TCP of each endpoint, or TCP on a port of tls.listen.
    // They are used in the place of those that settings name, and stay usable when we have stopped; ours are copies.
    void adopt(std::vector<int> sockets);
    // Reads the cookie secrets, binds and starts. Errors name the file or endpoint and what to do; nothing is left
    // listening then.
    Result<> start();

    // A change of configuration, for a server that has started. `prepare` makes it whole and changes nothing; `use`
    // puts it in force, without a question that is lost: each is answered by the old or by the new, and when `use`
    // returns, by the new. The sockets, `workers`, `edns_size`, `watch` and `transfers` stay what they were at the
    // start, and so does whether there is DNS over TLS; its files and limits are taken. `statics`: where the new set's
    // static zones are read from.
    struct Change;
    [[nodiscard]] Result<std::shared_ptr<Change>> prepare(zones::ZoneSet zones, ServerSettings settings,
                                                          std::shared_ptr<const zones::statics::Library> statics) const;
    void use(const std::shared_ptr<Change>& change);
    void stop();
    // Any thread, any time; nothing before start.
    [[nodiscard]] ServerStatistics statistics() const;
    // What is listened on, with the ports that were taken; as settings.listen.
    [[nodiscard]] std::vector<Endpoint> endpoints() const;
    [[nodiscard]] std::vector<Endpoint> tls_endpoints() const; // as settings.tls.listen

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::dnsbl
