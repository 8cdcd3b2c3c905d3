#include "tools/api/server.hpp"

#include "store/log.hpp"
#include "tools/api/acceptors.hpp"
#include "tools/api/certificate.hpp"
#include "tools/api/client_address.hpp"
#include "tools/api/listening_socket.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/request_reader.hpp"
#include "tools/api/response_text.hpp"
#include "tools/api/router.hpp"
#include "tools/api/scan_feed.hpp"
#include "tools/api/transport.hpp"
#include "verifier/commit.hpp"
#include "verifier/endpoints.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <future>
#include <map>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace provenbl::tools::api {
namespace asio = boost::asio;
namespace {

using namespace std::chrono_literals;
constexpr auto completion = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t requests_per_connection = 1000;
constexpr auto look_interval = 20ms; // at the store, for those who follow a scan
constexpr auto heartbeat = 15s;      // finds out whether a follower is still there

std::optional<Address> address_of(const asio::ip::tcp::endpoint& endpoint) {
    return verifier::from_asio(endpoint).address;
}

} // namespace

struct Server::Impl {
    // What a request is answered with, from its first word to its last.
    struct World {
        explicit World(std::shared_ptr<const Context> of, std::shared_ptr<RouterState> state = nullptr)
            : context(std::move(of)), router(*context, std::move(state)) {}
        const std::shared_ptr<const Context> context;
        const Router router;
    };
    explicit Impl(const Context& shared)
        : store(shared.store), clock(shared.clock),
          world(std::make_shared<const World>(std::shared_ptr<const Context>(std::shared_ptr<void>(), &shared))),
          settings(shared.configuration.api) {}

    Store& store;
    const Clock& clock;
    std::shared_ptr<const World> world; // only of our thread, once it runs
    ApiSettings settings;
    std::vector<int> adopted;
    std::size_t operator_connections = 0;
    std::size_t public_connections = 0;
    std::map<Address, std::size_t> of_client;
    std::size_t followers = 0;
    asio::io_context io{1};                 // after the counts: conversations that end with it still count down
    std::optional<Certificate> certificate; // where HTTPS is spoken
    std::vector<asio::ip::tcp::acceptor> public_acceptors;
    std::vector<asio::ip::tcp::acceptor> tls_acceptors;
    std::optional<asio::local::stream_protocol::acceptor> operator_acceptor;
    std::thread thread;

    // A connection's place in the counts.
    class Place {
    public:
        Place(Impl& impl, const std::optional<Address>& client) : impl_(&impl), client_(client) {
            if (client_) {
                ++impl.public_connections;
                ++impl.of_client[*client_];
            } else {
                ++impl.operator_connections;
            }
        }
        Place(Place&& other) noexcept : impl_(std::exchange(other.impl_, nullptr)), client_(other.client_) {}
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        Place& operator=(Place&&) = delete;
        ~Place() {
            if (impl_ == nullptr) return;
            if (!client_) {
                --impl_->operator_connections;
                return;
            }
            --impl_->public_connections;
            if (--impl_->of_client[*client_] == 0) impl_->of_client.erase(*client_);
        }

    private:
        Impl* impl_;
        std::optional<Address> client_;
    };

    [[nodiscard]] bool has_room(const std::optional<Address>& client) const {
        if (!client) return operator_connections < settings.connection_limit;
        const auto known = of_client.find(*client);
        if (public_connections >= settings.connection_limit) return false;
        return known == of_client.end() || known->second < settings.connections_per_client || is_proxy(*client);
    }

    [[nodiscard]] bool is_proxy(const Address& peer) const {
        return std::any_of(settings.trusted_proxies.begin(), settings.trusted_proxies.end(),
                           [&](const Prefix& one) { return one.contains(peer); });
    }

    // A connection while requests come over it.
    struct Line {
        std::unique_ptr<Transport> transport;
        std::optional<Address> peer; // nothing: the operator
        bool tls = false;
    };

    asio::awaitable<bool> send(Line& line, const Response& response, bool keep_alive, bool head) {
        const auto text =
            response_text(response, {keep_alive, head, clock.now(), line.tls ? settings.tls.hsts : Duration::zero()});
        line.transport->expires_after(settings.request_timeout);
        if (!co_await line.transport->write(text)) co_return false;
        co_return keep_alive;
    }

    asio::awaitable<bool> send_text(Line& line, const std::string& text) {
        line.transport->expires_after(settings.request_timeout);
        co_return co_await line.transport->write(text);
    }

    asio::awaitable<void> follow(Line& line, const Context& context, Follow what) {
        struct Seat {
            explicit Seat(std::size_t& of) : taken(of) { ++taken; }
            Seat(const Seat&) = delete;
            Seat& operator=(const Seat&) = delete;
            ~Seat() { --taken; }
            std::size_t& taken;
        };
        const Seat seat{followers};
        // Neither a length nor chunks: the stream ends with the connection.
        const auto begin =
            fmt::format("HTTP/1.1 200 OK\r\nServer: provenbl\r\nContent-Type: text/event-stream\r\n"
                        "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n{}Connection: close\r\n\r\n",
                        what.is_operator ? "" : "Access-Control-Allow-Origin: *\r\n");
        if (!co_await send_text(line, begin)) co_return;
        ScanFeed feed{context, what};
        asio::steady_timer timer{io};
        const auto begun = std::chrono::steady_clock::now();
        auto last_sent = begun;
        std::optional<std::uint64_t> seen;
        while (std::chrono::steady_clock::now() - begun < settings.follow_limit) {
            // The version is taken before the look, so that a commit in between is seen by the next.
            const auto version = context.store.version();
            std::string events;
            if (seen != version) events = feed.next();
            seen = version;
            const auto now = std::chrono::steady_clock::now();
            if (events.empty() && now - last_sent > heartbeat) events = ": waiting\n\n";
            if (!events.empty()) {
                if (!co_await send_text(line, events)) co_return;
                last_sent = now;
            }
            if (feed.ended()) co_return;
            timer.expires_after(look_interval);
            co_await timer.async_wait(completion);
        }
    }

    // Whether the connection may carry another request.
    asio::awaitable<bool> answer(Line& line, const Context& context, Answer what, bool keep_alive, bool head) {
        if (auto* write = std::get_if<Write>(&what)) {
            // Nobody's patience: a commit takes as long as the disk takes.
            line.transport->expires_never();
            const auto committed = co_await verifier::commit(context.store, std::move(write->work));
            co_return co_await send(line, write->respond(committed), keep_alive, head);
        }
        if (const auto* followed = std::get_if<Follow>(&what)) {
            if (head || followers >= settings.follower_limit) {
                auto refusal =
                    problem(503, "busy", "too many scans are followed just now; ask without follow=1, or later");
                refusal.headers.emplace_back("Retry-After", "5");
                co_return co_await send(line, refusal, keep_alive, head);
            }
            co_await follow(line, context, *followed);
            co_return false;
        }
        co_return co_await send(line, std::get<Response>(what), keep_alive, head);
    }

    // The next request, refused or not; nothing when the connection is to be closed without a word.
    asio::awaitable<std::optional<RequestReader::State>> next_request(Line& line, RequestReader& reader) {
        auto& transport = *line.transport;
        std::array<char, 8192> bytes; // NOLINT(cppcoreguidelines-pro-type-member-init)
        transport.expires_after(settings.request_timeout);
        auto state = reader.feed({});
        bool timed = reader.begun(); // the request's own time runs from its first byte
        while (state == RequestReader::State::more) {
            if (reader.wants_leave() && !co_await transport.write("HTTP/1.1 100 Continue\r\n\r\n"))
                co_return std::nullopt;
            const auto size = co_await transport.read_some(bytes);
            if (size == 0) co_return std::nullopt;
            state = reader.feed({bytes.data(), size});
            if (!timed) transport.expires_after(settings.request_timeout);
            timed = true;
        }
        co_return state;
    }

    [[nodiscard]] Request asked_by(Request request, const std::optional<Address>& peer) const {
        request.is_operator = !peer;
        if (!peer) return request;
        const auto kind = settings.forwarded_header;
        const auto header = request.header(kind == ForwardedHeader::forwarded ? "forwarded" : "x-forwarded-for");
        const auto client = client_address(*peer, header, kind, settings.trusted_proxies);
        request.client = client.address;
        request.client_is_proxy = client.is_proxy;
        return request;
    }

    asio::awaitable<void> converse(Line line, Place /*place*/) {
        line.transport->expires_after(settings.request_timeout);
        if (!co_await line.transport->handshake()) co_return;
        RequestReader reader{settings.request_limit};
        bool unread = false; // there is more that we won't look at
        for (std::size_t i = 0; i < requests_per_connection; ++i) {
            const auto state = co_await next_request(line, reader);
            if (!state && line.transport->late() && reader.begun()) {
                const auto slow = problem(408, "timeout", "the request took too long to arrive; send it again");
                co_await send(line, slow, false, false);
                unread = true;
            }
            if (state == RequestReader::State::fault) {
                co_await send(line, reader.fault(), false, false);
                unread = true;
            }
            if (state != RequestReader::State::complete) break;
            const auto request = asked_by(reader.take(), line.peer);
            const bool keep_alive = reader.keep_alive() && i + 1 < requests_per_connection;
            const auto now = world;
            auto what = now->router.handle(request);
            unread = !keep_alive;
            const bool head = request.method == "HEAD";
            if (!co_await answer(line, *now->context, std::move(what), keep_alive, head)) break;
        }
        co_await line.transport->finish(unread);
    }

    template <class Acceptor> asio::awaitable<void> accept(Acceptor& acceptor, bool tls) {
        constexpr bool is_public = std::is_same_v<Acceptor, asio::ip::tcp::acceptor>;
        for (;;) {
            auto [code, socket] = co_await acceptor.async_accept(completion);
            if (code == asio::error::operation_aborted) co_return;
            if (code) { // out of descriptors, most likely: wait for some to come back
                asio::steady_timer timer{io, 100ms};
                co_await timer.async_wait(completion);
                continue;
            }
            std::optional<Address> client;
            if constexpr (is_public) {
                const auto peer = socket.remote_endpoint(code);
                if (code) continue;
                client = address_of(peer);
            }
            if (!has_room(client)) continue; // closes it
            asio::generic::stream_protocol::socket plain{std::move(socket)};
            Line line{tls ? tls_transport(std::move(plain), certificate->current()) : plain_transport(std::move(plain)),
                      client, tls};
            asio::co_spawn(io, converse(std::move(line), Place{*this, client}), asio::detached);
        }
    }

    Result<> listen_public(const Endpoint& endpoint, std::vector<asio::ip::tcp::acceptor>& acceptors,
                           std::string_view setting) {
        return listen_at(acceptors.emplace_back(io), endpoint, fmt::format("{} ({})", endpoint.to_string(), setting));
    }

    Result<> listen_operator() {
        return listen_at(operator_acceptor, io, settings.socket, settings.socket_mode, "api.socket");
    }

    void stop() {
        io.stop();
        if (thread.joinable()) thread.join();
        // Completions of the store's writer post to our context.
        verifier::drain_commits(store);
        public_acceptors.clear();
        tls_acceptors.clear();
        if (operator_acceptor) {
            operator_acceptor.reset();
            std::error_code ignored;
            if (adopted.empty()) std::filesystem::remove(settings.socket, ignored);
        }
    }

    // By family; a copy of each, so that its keeper's stays as it is when ours is closed.
    Result<> take_adopted() {
        for (const int fd : adopted) {
            sockaddr_storage name{};
            socklen_t size = sizeof name;
            const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
            if (copy < 0 || ::getsockname(copy, reinterpret_cast<sockaddr*>(&name), &size) != 0)
                return explain_bind(errno, fmt::format("the socket that was passed as {}", fd));
            boost::system::error_code code;
            if (name.ss_family == AF_UNIX)
                operator_acceptor.emplace(io).assign(asio::local::stream_protocol{}, copy, code);
            else
                public_acceptors.emplace_back(io).assign(
                    name.ss_family == AF_INET ? asio::ip::tcp::v4() : asio::ip::tcp::v6(), copy, code);
            if (code) return explain_bind(code.value(), fmt::format("the socket that was passed as {}", fd));
        }
        if (!operator_acceptor) return listen_operator();
        return {};
    }
};

Server::Server(const Context& context) : impl_(std::make_unique<Impl>(context)) {}
Server::~Server() {
    stop();
}

Result<> Server::start() {
    auto& impl = *impl_;
    const auto& tls = impl.settings.tls;
    if (!tls.listen.empty()) {
        if (auto loaded = impl.certificate.emplace(tls).load(); !loaded) return loaded;
    }
    // The coroutines keep references.
    impl.public_acceptors.reserve(std::max(impl.settings.public_listen.size(), impl.adopted.size()));
    impl.tls_acceptors.reserve(tls.listen.size());
    if (auto listening = impl.adopted.empty() ? impl.listen_operator() : impl.take_adopted(); !listening)
        return listening;
    if (impl.public_acceptors.empty()) {
        for (const auto& endpoint : impl.settings.public_listen) {
            auto listening = impl.listen_public(endpoint, impl.public_acceptors, "api.public_listen");
            if (!listening) return listening;
        }
    }
    for (const auto& endpoint : tls.listen) {
        auto listening = impl.listen_public(endpoint, impl.tls_acceptors, "api.tls.listen");
        if (!listening) return listening;
    }
    asio::co_spawn(impl.io, impl.accept(*impl.operator_acceptor, false), asio::detached);
    for (auto& acceptor : impl.public_acceptors) asio::co_spawn(impl.io, impl.accept(acceptor, false), asio::detached);
    for (auto& acceptor : impl.tls_acceptors) asio::co_spawn(impl.io, impl.accept(acceptor, true), asio::detached);
    impl.thread = std::thread{[&impl] {
        // A fault in one conversation ends that conversation; the API goes on.
        while (!impl.io.stopped()) {
            try {
                impl.io.run();
            } catch (const std::exception& fault) {
                log::of("api")->error("{}", fault.what());
            }
        }
    }};
    return {};
}

void Server::adopt(std::vector<int> sockets) {
    impl_->adopted = std::move(sockets);
}

void Server::use(std::shared_ptr<const Context> next) {
    std::promise<void> taken;
    asio::post(impl_->io, [&] {
        auto settings = next->configuration.api;
        settings.socket = impl_->settings.socket;
        // Who has used up what he may ask has used it up under other settings, too.
        const auto state = settings.limits == impl_->settings.limits ? impl_->world->router.state() : nullptr;
        impl_->settings = std::move(settings);
        impl_->world = std::make_shared<const Impl::World>(std::move(next), state);
        taken.set_value();
    });
    taken.get_future().wait();
}

void Server::stop() {
    impl_->stop();
}

namespace {

std::vector<Endpoint> bound(const std::vector<asio::ip::tcp::acceptor>& acceptors) {
    std::vector<Endpoint> endpoints;
    for (const auto& acceptor : acceptors) {
        boost::system::error_code code;
        const auto where = acceptor.local_endpoint(code);
        if (!code) endpoints.push_back({*address_of(where), where.port()});
    }
    return endpoints;
}

} // namespace

std::vector<Endpoint> Server::public_endpoints() const {
    return bound(impl_->public_acceptors);
}

std::vector<Endpoint> Server::tls_endpoints() const {
    return bound(impl_->tls_acceptors);
}

} // namespace provenbl::tools::api
