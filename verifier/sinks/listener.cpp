// Accept loops and the table of sessions.
#include "verifier/sinks/listener.hpp"

#include "store/log.hpp"
#include "verifier/endpoints.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <array>
#include <exception>
#include <map>
#include <set>
#include <utility>

namespace provenbl::verifier {

namespace asio = boost::asio;
using asio::ip::tcp;

Error bind_error(const ListenerSettings& settings, const Endpoint& where, const boost::system::error_code& error) {
    const auto what = fmt::format("the {} can't listen on {}: {}", settings.name, where.to_string(), error.message());
    if (error == asio::error::address_in_use)
        return {Errc::conflict,
                fmt::format("{}; stop the program that holds the port, or change {}", what, settings.setting)};
    if (error == asio::error::access_denied)
        return {Errc::not_allowed, fmt::format("{}; ports below 1024 need root or CAP_NET_BIND_SERVICE, or change {}",
                                               what, settings.setting)};
    return {Errc::io, fmt::format("{}; {} must name addresses of this machine", what, settings.setting)};
}

Prefix client_network(const Address& address) {
    return Prefix::of(address, address.is_v6() ? 64 : address.bits());
}

struct Listener::State {
    asio::any_io_executor executor;
    ListenerSettings settings;
    Serve serve;
    std::vector<tcp::acceptor> acceptors;
    std::set<Peer*> peers;
    std::map<Prefix, std::size_t> per_client;
    bool stopping = false;

    bool admit(const Address& client) {
        if (peers.size() >= settings.connection_limit) return false;
        auto& count = per_client[client_network(client)];
        if (count >= settings.connections_per_client) return false;
        ++count;
        return true;
    }
    void leave(const Address& client) {
        const auto at = per_client.find(client_network(client));
        if (at != per_client.end() && --at->second == 0) per_client.erase(at);
    }

    Result<> open(const Endpoint& where) {
        const auto endpoint = to_asio<tcp>(where);
        boost::system::error_code error;
        tcp::acceptor acceptor(executor);
        acceptor.open(endpoint.protocol(), error);
        if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error && where.address.is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
        if (!error) acceptor.bind(endpoint, error);
        if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
        if (error) return bind_error(settings, where, error);
        acceptors.push_back(std::move(acceptor));
        return {};
    }

    static Awaitable<void> session(std::shared_ptr<State> state, tcp::socket socket, Endpoint local, Endpoint remote) {
        Peer peer(std::move(socket), local, remote, state->settings.limits);
        state->peers.insert(&peer);
        try {
            if (!state->stopping) co_await state->serve(peer);
        } catch (const std::exception& error) {
            log::of("verifier")
                ->error("{}: a session with {} ended with: {}", state->settings.name, log::client(remote.address),
                        error.what());
        }
        state->peers.erase(&peer);
        state->leave(remote.address);
    }

    void begin(tcp::socket socket, const std::shared_ptr<State>& self) {
        boost::system::error_code error;
        const auto local = socket.local_endpoint(error);
        const auto remote = error ? tcp::endpoint{} : socket.remote_endpoint(error);
        if (error) return; // gone already
        const auto client = from_asio(remote);
        if (!admit(client.address)) {
            // The socket is fresh, so its buffer is empty and these few bytes never block.
            socket.non_blocking(true, error);
            if (!settings.too_many.empty()) socket.send(asio::buffer(settings.too_many), 0, error);
            // Closing over unread bytes would reset the connection and could destroy these words.
            socket.shutdown(tcp::socket::shutdown_send, error);
            std::array<char, 2048> said{};
            socket.read_some(asio::buffer(said), error);
            return;
        }
        asio::co_spawn(executor, session(self, std::move(socket), from_asio(local), client), asio::detached);
    }

    static Awaitable<void> accept_loop(std::shared_ptr<State> state, tcp::acceptor& acceptor) {
        asio::steady_timer pause(state->executor);
        while (!state->stopping) {
            auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
            if (state->stopping) break;
            if (error) { // out of descriptors, most likely: the next try comes a little later
                pause.expires_after(std::chrono::milliseconds(100));
                co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
                continue;
            }
            state->begin(std::move(socket), state);
        }
    }
};

Listener::Listener(asio::any_io_executor executor, ListenerSettings settings, Serve serve)
    : state_(std::make_shared<State>()) {
    state_->executor = std::move(executor);
    state_->settings = std::move(settings);
    state_->serve = std::move(serve);
}

Listener::~Listener() {
    stop();
}

Result<> Listener::start() {
    for (const auto& where : state_->settings.listen) {
        if (auto opened = state_->open(where); !opened) {
            state_->acceptors.clear();
            return opened;
        }
    }
    for (auto& acceptor : state_->acceptors)
        asio::co_spawn(state_->executor, State::accept_loop(state_, acceptor), asio::detached);
    return {};
}

void Listener::stop() {
    if (state_->stopping) return;
    state_->stopping = true;
    boost::system::error_code ignored;
    for (auto& acceptor : state_->acceptors) acceptor.close(ignored);
    for (auto* peer : state_->peers) peer->close();
}

std::vector<Endpoint> Listener::bound() const {
    std::vector<Endpoint> all;
    for (const auto& acceptor : state_->acceptors) {
        boost::system::error_code error;
        const auto endpoint = acceptor.local_endpoint(error);
        if (!error) all.push_back(from_asio(endpoint));
    }
    return all;
}

} // namespace provenbl::verifier
