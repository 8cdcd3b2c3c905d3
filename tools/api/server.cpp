#include "tools/api/server.hpp"

#include "tools/api/listening_socket.hpp"
#include "tools/api/problem.hpp"
#include "tools/api/router.hpp"
#include "tools/api/scan_feed.hpp"
#include "verifier/commit.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <map>
#include <thread>
#include <vector>

namespace provenbl::tools::api {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace {

using namespace std::chrono_literals;
using Stream = beast::basic_stream<asio::generic::stream_protocol>;
constexpr auto completion = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t header_limit = 8 * 1024;
constexpr std::size_t requests_per_connection = 1000;
constexpr auto look_interval = 20ms; // at the store, for those who follow a scan
constexpr auto heartbeat = 15s;      // finds out whether a follower is still there

Request to_request(const http::request<http::string_body>& from, bool is_operator,
                   const std::optional<Address>& client) {
    const auto text = [](beast::string_view view) { return std::string{view.data(), view.size()}; };
    Request request;
    request.method = text(from.method_string());
    request.target = text(from.target());
    request.accept = text(from[http::field::accept]);
    request.authorization = text(from[http::field::authorization]);
    request.body = from.body();
    request.is_operator = is_operator;
    request.client = client;
    return request;
}

template <class Body> void set_headers(http::response<Body>& message, const Response& response, bool keep_alive) {
    message.version(11);
    message.result(response.status);
    message.reason(reason_phrase(response.status));
    message.set(http::field::server, "provenbl");
    message.set(http::field::cache_control, "no-store");
    message.set("X-Content-Type-Options", "nosniff");
    if (response.status != 303) message.set(http::field::content_type, response.content_type);
    for (const auto& [name, value] : response.headers) message.set(name, value);
    message.keep_alive(keep_alive);
}

std::optional<Address> address_of(const asio::ip::tcp::endpoint& endpoint) {
    if (endpoint.address().is_v4()) return Address::v4(endpoint.address().to_v4().to_uint());
    return Address::from_bytes(endpoint.address().to_v6().to_bytes());
}

asio::ip::tcp::endpoint to_asio(const Endpoint& endpoint) {
    if (endpoint.address.is_v4()) return {asio::ip::address_v4{endpoint.address.to_v4()}, endpoint.port};
    asio::ip::address_v6::bytes_type bytes{};
    std::copy(endpoint.address.bytes().begin(), endpoint.address.bytes().end(), bytes.begin());
    return {asio::ip::address_v6{bytes}, endpoint.port};
}

// What a request that could not be read is answered with; nothing for one that can't be answered.
std::optional<Response> answer_to_fault(const beast::error_code& code) {
    if (code == http::error::body_limit)
        return problem(413, "limit", "the body is larger than api.request_limit allows");
    if (code == http::error::header_limit || code == http::error::buffer_overflow)
        return problem(413, "limit", fmt::format("the header is larger than {} bytes", header_limit));
    // Beast's other errors of syntax; the end of a connection and timeouts are of other kinds.
    if (code.category() == http::make_error_code(http::error::bad_method).category() &&
        code != http::error::end_of_stream && code != http::error::partial_message)
        return problem(400, "invalid", fmt::format("this is not HTTP/1.1: {}", code.message()));
    return std::nullopt;
}

} // namespace

struct Server::Impl {
    explicit Impl(const Context& shared) : context(shared), router(shared), settings(shared.configuration.api) {}

    const Context& context;
    Router router;
    ApiSettings settings;
    std::size_t operator_connections = 0;
    std::size_t public_connections = 0;
    std::map<Address, std::size_t> of_client;
    std::size_t followers = 0;
    asio::io_context io{1}; // after the counts: conversations that end with it still count down
    std::vector<asio::ip::tcp::acceptor> public_acceptors;
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
        return public_connections < settings.connection_limit &&
               (known == of_client.end() || known->second < settings.connections_per_client);
    }

    asio::awaitable<bool> send(Stream& stream, const Response& response, bool keep_alive, bool head) {
        stream.expires_after(settings.request_timeout);
        boost::system::error_code code;
        std::size_t written = 0;
        if (head) {
            http::response<http::empty_body> message;
            set_headers(message, response, keep_alive);
            message.content_length(response.body.size());
            std::tie(code, written) = co_await http::async_write(stream, message, completion);
        } else {
            http::response<http::string_body> message;
            set_headers(message, response, keep_alive);
            message.body() = response.body;
            message.prepare_payload();
            std::tie(code, written) = co_await http::async_write(stream, message, completion);
        }
        co_return !code && keep_alive;
    }

    asio::awaitable<bool> send_text(Stream& stream, const std::string& text) {
        stream.expires_after(settings.request_timeout);
        const auto [code, written] = co_await asio::async_write(stream, asio::buffer(text), completion);
        co_return !code;
    }

    asio::awaitable<void> follow(Stream& stream, Follow what) {
        struct Seat {
            explicit Seat(std::size_t& of) : taken(of) { ++taken; }
            Seat(const Seat&) = delete;
            Seat& operator=(const Seat&) = delete;
            ~Seat() { --taken; }
            std::size_t& taken;
        };
        const Seat seat{followers};
        // Neither a length nor chunks: the stream ends with the connection.
        if (!co_await send_text(stream,
                                "HTTP/1.1 200 OK\r\nServer: provenbl\r\nContent-Type: text/event-stream\r\n"
                                "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\nConnection: close\r\n\r\n"))
            co_return;
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
                if (!co_await send_text(stream, events)) co_return;
                last_sent = now;
            }
            if (feed.ended()) co_return;
            timer.expires_after(look_interval);
            co_await timer.async_wait(completion);
        }
    }

    // Whether the connection may carry another request.
    asio::awaitable<bool> answer(Stream& stream, Answer what, bool keep_alive, bool head) {
        if (auto* write = std::get_if<Write>(&what)) {
            // Nobody's patience: a commit takes as long as the disk takes.
            stream.expires_never();
            const auto committed = co_await verifier::commit(context.store, std::move(write->work));
            co_return co_await send(stream, write->respond(committed), keep_alive, head);
        }
        if (const auto* followed = std::get_if<Follow>(&what)) {
            if (head || followers >= settings.follower_limit) {
                auto refusal =
                    problem(503, "busy", "too many scans are followed just now; ask without follow=1, or later");
                refusal.headers.emplace_back("Retry-After", "5");
                co_return co_await send(stream, refusal, keep_alive, head);
            }
            co_await follow(stream, *followed);
            co_return false;
        }
        co_return co_await send(stream, std::get<Response>(what), keep_alive, head);
    }

    // A socket closed over unread bytes resets the connection, and the client may lose our answer (RFC 9112 9.6).
    asio::awaitable<void> drain(Stream& stream) {
        constexpr std::size_t patience_bytes = 256 * 1024;
        boost::system::error_code code;
        stream.socket().shutdown(asio::socket_base::shutdown_send, code);
        stream.expires_after(1s);
        std::array<char, 4096> unread{};
        std::size_t size = 0;
        for (std::size_t total = 0; total < patience_bytes && !code; total += size)
            std::tie(code, size) = co_await stream.async_read_some(asio::buffer(unread), completion);
    }

    asio::awaitable<void> converse(Stream stream, std::optional<Address> client, Place /*place*/) {
        beast::flat_buffer buffer{header_limit + settings.request_limit};
        for (std::size_t i = 0; i < requests_per_connection; ++i) {
            http::request_parser<http::string_body> parser;
            parser.header_limit(header_limit);
            parser.body_limit(settings.request_limit);
            stream.expires_after(settings.request_timeout);
            const auto [code, size] = co_await http::async_read(stream, buffer, parser, completion);
            if (code) {
                if (const auto fault = answer_to_fault(code)) {
                    co_await send(stream, *fault, false, false);
                    co_await drain(stream);
                }
                break;
            }
            auto request = to_request(parser.get(), !client, client);
            const bool head = request.method == "HEAD";
            if (head) request.method = "GET";
            const bool keep_alive = parser.get().keep_alive() && i + 1 < requests_per_connection;
            if (!co_await answer(stream, router.handle(request), keep_alive, head)) break;
        }
        boost::system::error_code ignored;
        stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
    }

    template <class Acceptor> asio::awaitable<void> accept(Acceptor& acceptor) {
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
            asio::co_spawn(io, converse(Stream{std::move(plain)}, client, Place{*this, client}), asio::detached);
        }
    }

    Result<> listen_public(const Endpoint& endpoint) {
        auto& acceptor = public_acceptors.emplace_back(io);
        const auto where = to_asio(endpoint);
        boost::system::error_code code;
        acceptor.open(where.protocol(), code);
        if (!code) acceptor.set_option(asio::socket_base::reuse_address{true}, code);
        if (!code && where.address().is_v6()) acceptor.set_option(asio::ip::v6_only{true}, code);
        if (!code) acceptor.bind(where, code);
        if (!code) acceptor.listen(asio::socket_base::max_listen_connections, code);
        if (code) return explain_bind(code.value(), "http " + endpoint.to_string() + " (api.public_listen)");
        return {};
    }

    Result<> listen_operator() {
        const auto path = settings.socket.string();
        if (auto cleared = clear_socket_path(settings.socket); !cleared) return cleared;
        auto& acceptor = operator_acceptor.emplace(io);
        boost::system::error_code code;
        acceptor.open({}, code);
        if (!code) acceptor.bind(path, code);
        if (code) {
            operator_acceptor.reset();
            return explain_bind(code.value(), "unix:" + path + " (api.socket)");
        }
        // Nobody can connect before listen(), so the mode is in force before the first one does.
        std::error_code mode_code;
        std::filesystem::permissions(settings.socket, static_cast<std::filesystem::perms>(settings.socket_mode),
                                     mode_code);
        if (mode_code) return Error{Errc::io, fmt::format("can't set the mode of {}: {}", path, mode_code.message())};
        acceptor.listen(asio::socket_base::max_listen_connections, code);
        if (code) return explain_bind(code.value(), "unix:" + path);
        return {};
    }

    void stop() {
        io.stop();
        if (thread.joinable()) thread.join();
        // Completions of the store's writer post to our context.
        verifier::drain_commits(context.store);
        public_acceptors.clear();
        if (operator_acceptor) {
            operator_acceptor.reset();
            std::error_code ignored;
            std::filesystem::remove(settings.socket, ignored);
        }
    }
};

Server::Server(const Context& context) : impl_(std::make_unique<Impl>(context)) {}
Server::~Server() {
    stop();
}

Result<> Server::start() {
    auto& impl = *impl_;
    if (auto listening = impl.listen_operator(); !listening) return listening;
    impl.public_acceptors.reserve(impl.settings.public_listen.size()); // the coroutines keep references
    for (const auto& endpoint : impl.settings.public_listen) {
        if (auto listening = impl.listen_public(endpoint); !listening) return listening;
    }
    asio::co_spawn(impl.io, impl.accept(*impl.operator_acceptor), asio::detached);
    for (auto& acceptor : impl.public_acceptors) asio::co_spawn(impl.io, impl.accept(acceptor), asio::detached);
    impl.thread = std::thread{[&impl] {
        // A fault in one conversation ends that conversation; the API goes on.
        while (!impl.io.stopped()) {
            try {
                impl.io.run();
            } catch (const std::exception& fault) {
                spdlog::error("api: {}", fault.what());
            }
        }
    }};
    return {};
}

void Server::stop() {
    impl_->stop();
}

std::vector<Endpoint> Server::public_endpoints() const {
    std::vector<Endpoint> endpoints;
    for (const auto& acceptor : impl_->public_acceptors) {
        boost::system::error_code code;
        const auto bound = acceptor.local_endpoint(code);
        if (!code) endpoints.push_back({*address_of(bound), bound.port()});
    }
    return endpoints;
}

} // namespace provenbl::tools::api
