// The heavy translation unit of probing: sockets, TLS and their deadlines.
//
// A Connection counts down two clocks for every operation: the wait for this one (read timeout, patience)
// and what is left of the whole conversation. Bytes are counted after decryption; reading past the limit
// is Errc::limit for good.
#include "verifier/asio_network.hpp"

#include "verifier/asio_datagrams.hpp"
#include "verifier/endpoints.hpp"
#include "verifier/watchdog.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <netinet/in.h>
#include <optional>
#include <tuple>
#include <utility>

namespace provenbl::verifier {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using SteadyTime = std::chrono::steady_clock::time_point;
using TlsStream = asio::ssl::stream<tcp::socket&>;

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

// Cancelled, by its deadline or with the whole visit.
bool has_timed_out(bool late, const error_code& error) {
    return error == asio::error::operation_aborted || (late && error);
}

Error connect_error(const error_code& error, const std::string& where) {
    if (error == asio::error::connection_refused) return {Errc::closed, where + " refused the connection"};
    if (error == asio::error::access_denied || error == asio::error::no_permission)
        return {Errc::io, fmt::format("our own system does not let us connect to {}: {}; look at its firewall rules",
                                      where, error.message())};
    if (error == boost::system::errc::address_not_available)
        return {Errc::io,
                fmt::format("no free local port or address to reach {} from: run fewer scans at once", where)};
    if (error == asio::error::no_descriptors)
        return {Errc::io, "no file descriptors are left: raise the limit (ulimit -n) or run fewer scans at once"};
    return {Errc::unreachable, fmt::format("{}: {}", where, error.message())};
}

Error conversation_error(const error_code& error) {
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
        return {Errc::closed, "the host ended the connection"};
    return {Errc::unreachable, fmt::format("the connection broke: {}", error.message())};
}

class AsioConnection final : public Connection {
public:
    AsioConnection(tcp::socket socket, const ProbeSettings& settings, asio::ssl::context& tls)
        : socket_(std::move(socket)), connect_timeout_(settings.connect_timeout), read_timeout_(settings.read_timeout),
          limit_(settings.conversation_limit), begun_(std::chrono::steady_clock::now()),
          end_(begun_ + settings.conversation_timeout), tls_context_(tls), watchdog_(socket_.get_executor(), [this] {
              error_code ignored;
              socket_.cancel(ignored);
          }) {}

    Awaitable<Result<>> connect(Endpoint target) {
        watchdog_.watch(begun_ + connect_timeout_);
        const auto [error] = co_await socket_.async_connect(to_asio<tcp>(target), as_tuple);
        const bool late = watchdog_.rest();
        if (has_timed_out(late, error))
            co_return Error{Errc::timeout, fmt::format("{} did not answer within {:.1f} s", target.to_string(),
                                                       std::chrono::duration<double>(connect_timeout_).count())};
        if (error) co_return connect_error(error, target.to_string());
        co_return Result<>{};
    }

    Awaitable<Result<std::size_t>> read_some(std::span<char> into, Duration patience) override {
        if (into.empty()) co_return std::size_t{0};
        if (bytes_read_ >= limit_)
            co_return Error{Errc::limit, fmt::format("the host sent more than {} bytes", limit_)};
        const auto buffer = asio::buffer(into.data(), std::min(into.size(), limit_ - bytes_read_));
        const auto wait = patience > Duration::zero() ? std::min(patience, read_timeout_) : read_timeout_;
        error_code error;
        std::size_t bytes = 0;
        watchdog_.watch(deadline(wait));
        if (tls_)
            std::tie(error, bytes) = co_await tls_->async_read_some(buffer, as_tuple);
        else
            std::tie(error, bytes) = co_await socket_.async_read_some(buffer, as_tuple);
        const bool late = watchdog_.rest();
        bytes_read_ += bytes;
        if (bytes > 0) co_return bytes;
        if (has_timed_out(late, error)) co_return timeout("to hear from the host", wait);
        co_return conversation_error(error);
    }

    Awaitable<Result<>> write(std::string_view bytes) override {
        const auto buffer = asio::buffer(bytes.data(), bytes.size());
        error_code error;
        std::size_t written = 0;
        watchdog_.watch(deadline(read_timeout_));
        if (tls_)
            std::tie(error, written) = co_await asio::async_write(*tls_, buffer, as_tuple);
        else
            std::tie(error, written) = co_await asio::async_write(socket_, buffer, as_tuple);
        const bool late = watchdog_.rest();
        if (has_timed_out(late, error)) co_return timeout("for the host to take what we say", read_timeout_);
        if (error) co_return conversation_error(error);
        co_return Result<>{};
    }

    Awaitable<Result<>> start_tls(const TlsWish& wish) override {
        tls_.emplace(socket_, tls_context_);
        auto* native = tls_->native_handle();
        if (!wish.server_name.empty()) SSL_set_tlsext_host_name(native, wish.server_name.c_str());
        if (!wish.protocol.empty()) {
            const auto list = static_cast<char>(wish.protocol.size()) + wish.protocol;
            SSL_set_alpn_protos(native, reinterpret_cast<const unsigned char*>(list.data()),
                                static_cast<unsigned>(list.size()));
        }
        watchdog_.watch(deadline(read_timeout_));
        const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::client, as_tuple);
        const bool late = watchdog_.rest();
        if (has_timed_out(late, error)) co_return timeout("for the TLS handshake", read_timeout_);
        if (error) co_return Error{Errc::protocol, fmt::format("the TLS handshake failed: {}", error.message())};
        if (!wish.protocol.empty() && wish.protocol != agreed_protocol())
            co_return Error{Errc::protocol, fmt::format("the host does not agree to {} inside TLS", wish.protocol)};
        co_return Result<>{};
    }

    void close() override {
        error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }

private:
    [[nodiscard]] SteadyTime deadline(Duration wait) const {
        return std::min(std::chrono::steady_clock::now() + wait, end_);
    }

    [[nodiscard]] Error timeout(std::string_view what, Duration wait) const {
        if (std::chrono::steady_clock::now() >= end_)
            return {Errc::timeout, "the conversation took longer than it may"};
        return {Errc::timeout, fmt::format("waited {:.1f} s {}", std::chrono::duration<double>(wait).count(), what)};
    }

    [[nodiscard]] std::string_view agreed_protocol() const {
        const unsigned char* name = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(const_cast<TlsStream&>(*tls_).native_handle(), &name, &size);
        return {reinterpret_cast<const char*>(name), size};
    }

    tcp::socket socket_;
    std::optional<TlsStream> tls_; // over socket_
    const Duration connect_timeout_;
    const Duration read_timeout_;
    const std::size_t limit_;
    const SteadyTime begun_;
    const SteadyTime end_;
    asio::ssl::context& tls_context_;
    std::size_t bytes_read_ = 0;
    Watchdog watchdog_; // last: its cancel() uses the socket
};

// Old servers are just what we look for: old protocols, weak ciphers and short keys are fine, and so is any
// certificate. Nothing secret travels: a token becomes public when it is sent.
void accept_any_tls(asio::ssl::context& context) {
    context.set_verify_mode(asio::ssl::verify_none);
    auto* native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_VERSION);
    SSL_CTX_set_cipher_list(native, "ALL:@SECLEVEL=0");
    SSL_CTX_set_options(native, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF);
}

Result<> prepare(tcp::socket& socket, const Endpoint& target, const ProbeSettings& settings) {
    const auto protocol = target.address.is_v4() ? tcp::v4() : tcp::v6();
    error_code error;
    socket.open(protocol, error);
    if (!error) socket.set_option(tcp::no_delay(true), error);
    if (error) return connect_error(error, target.to_string());
    const auto& source = target.address.is_v4() ? settings.source4 : settings.source6;
    if (!source) return {};
    // Lets the kernel choose the port at connect(), so that one source address serves many more connections.
    const int on = 1;
    ::setsockopt(socket.native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    socket.bind(to_asio<tcp>({*source, 0}), error);
    if (error)
        return Error{Errc::io, fmt::format("cannot probe from {}: {}; set the probes' source address to an address of "
                                           "this machine",
                                           source->to_string(), error.message())};
    return {};
}

} // namespace

AsioNetwork::AsioNetwork(ProbeSettings settings, asio::any_io_executor executor)
    : settings_(std::move(settings)), executor_(std::move(executor)),
      tls_(std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client)) {
    accept_any_tls(*tls_);
}

AsioNetwork::~AsioNetwork() = default;

Awaitable<Result<std::unique_ptr<Connection>>> AsioNetwork::connect(const Endpoint& target) {
    tcp::socket socket(executor_);
    if (auto prepared = prepare(socket, target, settings_); !prepared) co_return prepared.error();
    auto opened = std::make_unique<AsioConnection>(std::move(socket), settings_, *tls_);
    const Result<> connected = co_await opened->connect(target);
    if (!connected) co_return connected.error();
    std::unique_ptr<Connection> connection = std::move(opened);
    co_return connection;
}

Awaitable<Result<std::unique_ptr<Connection>>> AsioNetwork::connect_udp(const Endpoint& target) {
    co_return open_datagrams(executor_, target, settings_);
}

} // namespace provenbl::verifier
