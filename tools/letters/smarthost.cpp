// A connection to the smarthost: TCP, TLS with a certificate that is looked at, a deadline for each step.
#include "tools/letters/hand_over.hpp"
#include "verifier/with_deadline.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <exception>
#include <memory>
#include <optional>

namespace provenbl::tools::letters {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using verifier::Awaitable;

namespace {

constexpr auto completion = asio::as_tuple(asio::use_awaitable);
constexpr std::string_view submissions = "465";             // RFC 8314 7.3
constexpr std::size_t byte_limit = std::size_t{256} * 1024; // of replies

struct Ended {
    std::optional<error_code> error; // nothing: the deadline came first
    std::size_t bytes = 0;
};

Error error_of(const Ended& ended) {
    if (!ended.error || *ended.error == asio::error::operation_aborted)
        return {Errc::timeout, "the smarthost did not answer in time (letters.timeout)"};
    return {*ended.error == asio::error::eof ? Errc::closed : Errc::unreachable, ended.error->message()};
}

Error bad_certificate(const std::string& name, long judged) {
    return {
        Errc::not_allowed,
        fmt::format("the smarthost's certificate is not good for {} ({}): write letters.smarthost as its certificate "
                    "has it, and have its authority among those that the system trusts",
                    name, X509_verify_cert_error_string(judged))};
}

class SmarthostConnection final : public verifier::Connection {
public:
    SmarthostConnection(tcp::socket socket, bool verify, Duration timeout)
        : socket_(std::move(socket)), context_(asio::ssl::context::tls_client), verify_(verify), timeout_(timeout) {}

    Awaitable<Result<std::size_t>> read_some(std::span<char> into, Duration patience) override {
        if (total_ >= byte_limit) co_return Error{Errc::limit, "the smarthost says too much"};
        Ended ended;
        const auto wait = patience > Duration::zero() ? std::min(patience, timeout_) : timeout_;
        co_await verifier::with_deadline(std::chrono::steady_clock::now() + wait, read(into, ended));
        total_ += ended.bytes;
        if (ended.bytes > 0) co_return ended.bytes;
        co_return error_of(ended);
    }
    Awaitable<Result<>> write(std::string_view bytes) override {
        Ended ended;
        co_await verifier::with_deadline(std::chrono::steady_clock::now() + timeout_, send(bytes, ended));
        if (ended.error && !*ended.error) co_return Result<>{};
        co_return error_of(ended);
    }
    Awaitable<Result<>> start_tls(const verifier::TlsWish& wish) override {
        if (verify_) {
            context_.set_default_verify_paths();
            context_.set_verify_mode(asio::ssl::verify_peer);
            context_.set_verify_callback(asio::ssl::host_name_verification(wish.server_name));
        } else {
            context_.set_verify_mode(asio::ssl::verify_none);
        }
        tls_.emplace(socket_, context_);
        SSL_set_tlsext_host_name(tls_->native_handle(), wish.server_name.c_str());
        Ended ended;
        co_await verifier::with_deadline(std::chrono::steady_clock::now() + timeout_, shake_hands(ended));
        if (ended.error && !*ended.error) co_return Result<>{};
        const auto judged = SSL_get_verify_result(tls_->native_handle());
        if (verify_ && judged != X509_V_OK) co_return bad_certificate(wish.server_name, judged);
        co_return error_of(ended);
    }
    void close() override {
        error_code ignored;
        socket_.close(ignored);
    }

private:
    Awaitable<void> read(std::span<char> into, Ended& ended) {
        const auto buffer = asio::buffer(into.data(), into.size());
        if (tls_) {
            auto [error, bytes] = co_await tls_->async_read_some(buffer, completion);
            ended = {error, bytes};
        } else {
            auto [error, bytes] = co_await socket_.async_read_some(buffer, completion);
            ended = {error, bytes};
        }
    }
    Awaitable<void> send(std::string_view bytes, Ended& ended) {
        const auto buffer = asio::buffer(bytes.data(), bytes.size());
        if (tls_) {
            auto [error, written] = co_await asio::async_write(*tls_, buffer, completion);
            ended = {error, written};
        } else {
            auto [error, written] = co_await asio::async_write(socket_, buffer, completion);
            ended = {error, written};
        }
    }
    Awaitable<void> shake_hands(Ended& ended) {
        auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::client, completion);
        ended = {error, 0};
    }

    tcp::socket socket_;
    asio::ssl::context context_;
    std::optional<asio::ssl::stream<tcp::socket&>> tls_;
    bool verify_;
    Duration timeout_;
    std::size_t total_ = 0;
};

Awaitable<void> connect(tcp::socket& socket, tcp::resolver::results_type endpoints, Ended& ended) {
    auto [error, at] = co_await asio::async_connect(socket, endpoints, completion);
    ended = {error, 0};
}

Awaitable<Delivery> deliver(std::string smarthost, Greeting greeting, Envelope envelope, std::string message,
                            Duration timeout) {
    const auto colon = smarthost.rfind(':');
    std::string host = smarthost.substr(0, colon);
    if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
    const auto port = colon == std::string::npos ? std::string{"25"} : smarthost.substr(colon + 1);
    const auto executor = co_await asio::this_coro::executor;
    tcp::resolver resolver{executor};
    auto [unresolved, endpoints] = co_await resolver.async_resolve(host, port, completion);
    if (unresolved)
        co_return Delivery{Outcome::later, fmt::format("letters.smarthost {}: {}", host, unresolved.message())};
    tcp::socket socket{executor};
    Ended ended;
    co_await verifier::with_deadline(std::chrono::steady_clock::now() + timeout, connect(socket, endpoints, ended));
    if (!ended.error || *ended.error)
        co_return Delivery{Outcome::later, fmt::format("letters.smarthost {}: {}", smarthost, error_of(ended).message)};
    const bool verify = greeting.checks_certificate();
    greeting.server_name = host;
    greeting.tls_at_once = port == submissions && greeting.tls != SmarthostTls::none;
    std::unique_ptr<verifier::Connection> connection =
        std::make_unique<SmarthostConnection>(std::move(socket), verify, timeout);
    verifier::techniques::SmtpSession session{std::move(connection)};
    Delivery delivery = co_await hand_over(session, std::move(greeting), std::move(envelope), std::move(message));
    co_return delivery;
}

} // namespace

Delivery send_by_smarthost(const std::string& smarthost, const Greeting& greeting, const Envelope& envelope,
                           const std::string& message, Duration timeout) {
    asio::io_context io{1};
    // What a fault leaves unsaid may have been taken.
    Delivery delivery{Outcome::unsure, "the conversation with the smarthost was cut short"};
    asio::co_spawn(io, deliver(smarthost, greeting, envelope, message, timeout),
                   [&](const std::exception_ptr& fault, Delivery result) {
                       if (!fault) delivery = std::move(result);
                   });
    io.run();
    return delivery;
}

} // namespace provenbl::tools::letters
