// What both sinks share: bound sockets, accept loops, and bounds on connections in total and per client.
//
// start() binds everything or nothing. Sessions run as coroutines on the executor, which one thread runs;
// stop() is called there too, or when nothing runs it. Sessions hold what they need, so a listener may be
// destroyed while they end.
#pragma once

#include "store/address.hpp"
#include "store/result.hpp"
#include "verifier/sinks/peer.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace provenbl::verifier {

// Who counts as one client: an IPv4 address, or the /64 of an IPv6 address, all of which one host may use.
[[nodiscard]] Prefix client_network(const Address& address);

struct ListenerSettings {
    std::string name;             // "mail sink", for messages
    std::string setting;          // where the operator sets `listen`
    std::vector<Endpoint> listen; // port 0 lets the system choose (tests)
    std::size_t connection_limit = 256;
    std::size_t connections_per_client = 32;
    std::string too_many; // said to a client that is one too many, before it is closed
    PeerLimits limits;
};

// Why a sink can't listen there, and what to do about it.
[[nodiscard]] Error bind_error(const ListenerSettings& settings, const Endpoint& where,
                               const boost::system::error_code& error);

class Listener {
public:
    using Serve = std::function<Awaitable<void>(Peer&)>;

    Listener(boost::asio::any_io_executor executor, ListenerSettings settings, Serve serve);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // Errors: conflict (port in use), not_allowed (a low port without the right), io. They name the endpoint.
    Result<> start();
    void stop();
    [[nodiscard]] std::vector<Endpoint> bound() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace provenbl::verifier
