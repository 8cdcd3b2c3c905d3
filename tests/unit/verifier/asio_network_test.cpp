// The real network against small servers on loopback. Deadlines are short and real; none is measured.
#include "tests/support/store_fixture.hpp"
#include "verifier/asio_network.hpp"
#include "verifier/gated_network.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <openssl/x509.h>

#include <array>
#include <functional>
#include <future>
#include <limits>
#include <thread>

namespace provenbl::verifier {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

const auto loopback = Address::v4(127, 0, 0, 1);

// One client is served on a thread of its own, which the destructor joins.
class Server {
public:
    explicit Server(std::function<void(tcp::socket&)> serve)
        : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), thread_([this, serve = std::move(serve)] {
              boost::system::error_code error;
              tcp::socket socket(io_);
              acceptor_.accept(socket, error);
              if (!error) serve(socket);
          }) {}
    ~Server() { thread_.join(); }
    [[nodiscard]] Endpoint endpoint() const { return {loopback, acceptor_.local_endpoint().port()}; }

private:
    asio::io_context io_;
    tcp::acceptor acceptor_;
    std::thread thread_;
};

// Blocks until the other side is gone.
void wait_for_end(tcp::socket& socket) {
    boost::system::error_code error;
    std::array<char, 1024> ignored{};
    while (!error) socket.read_some(asio::buffer(ignored), error);
}

void send(tcp::socket& socket, const std::string& bytes) {
    boost::system::error_code ignored;
    asio::write(socket, asio::buffer(bytes), ignored);
}

class AsioNetworkTest : public test::StoreFixture {
protected:
    AsioNetworkTest() {
        settings.source4 = Address::v4(127, 0, 0, 3);
        settings.connect_timeout = 5s;
        settings.read_timeout = 5s;
    }

    using Dialogue = std::function<Awaitable<void>(Connection&)>;
    // Connects and runs the dialogue; the error of connect() is the result.
    Result<> talk(const Endpoint& target, const Dialogue& dialogue) {
        asio::io_context io;
        AsioNetwork network(settings, io.get_executor());
        Result<> result;
        asio::co_spawn(io, conversation(network, target, dialogue, result), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
        io.run();
        return result;
    }

    static Awaitable<void> conversation(Network& network, Endpoint target, const Dialogue& dialogue, Result<>& result) {
        auto connection = co_await network.connect(target);
        if (connection)
            co_await dialogue(**connection);
        else
            result = connection.error();
    }

    static Awaitable<Result<std::string>> read(Connection& connection, Duration patience = Duration::zero()) {
        std::array<char, 4096> buffer{};
        const auto size = co_await connection.read_some(buffer, patience);
        if (!size) co_return size.error();
        co_return std::string(buffer.data(), *size);
    }

    ProbeSettings settings;
};

TEST_F(AsioNetworkTest, speaks_from_the_configured_source) {
    std::string seen_source;
    Server server([&](tcp::socket& socket) {
        seen_source = socket.remote_endpoint().address().to_string();
        send(socket, "220 hello\r\n");
        std::array<char, 6> heard{};
        boost::system::error_code error;
        asio::read(socket, asio::buffer(heard), error);
        send(socket, std::string(heard.data(), heard.size()));
        wait_for_end(socket);
    });
    const auto result = talk(server.endpoint(), [](Connection& connection) -> Awaitable<void> {
        const auto banner = co_await read(connection);
        EXPECT_EQ(banner.value(), "220 hello\r\n");
        const auto sent = co_await connection.write("QUIT\r\n");
        EXPECT_TRUE(sent);
        const auto echo = co_await read(connection);
        EXPECT_EQ(echo.value(), "QUIT\r\n");
    });
    EXPECT_TRUE(result);
    EXPECT_EQ(seen_source, "127.0.0.3");
}

TEST_F(AsioNetworkTest, the_gate_is_asked_before_a_packet_leaves) {
    const Gate closed(*store, clock, {});
    // A listener whose backlog tells whether anybody came.
    asio::io_context io;
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    acceptor.non_blocking(true);
    AsioNetwork open_network(settings, io.get_executor());
    GatedNetwork network(closed, open_network);
    Result<> result;
    const Dialogue nothing = [](Connection&) -> Awaitable<void> { co_return; };
    asio::co_spawn(io, conversation(network, {loopback, acceptor.local_endpoint().port()}, nothing, result),
                   [](std::exception_ptr) {});
    io.run();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::not_allowed);
    boost::system::error_code error;
    tcp::socket socket(io);
    acceptor.accept(socket, error);
    EXPECT_EQ(error, asio::error::would_block) << "somebody connected";
}

TEST_F(AsioNetworkTest, a_refused_connection_is_closed) {
    std::uint16_t port = 0;
    {
        asio::io_context io;
        port = tcp::acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)).local_endpoint().port();
    }
    const auto result = talk({loopback, port}, [](Connection&) -> Awaitable<void> { co_return; });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::closed);
}

TEST_F(AsioNetworkTest, a_source_address_that_is_not_ours_says_what_to_do) {
    settings.source4 = Address::v4(192, 0, 2, 77);
    const auto result = talk({loopback, 1}, [](Connection&) -> Awaitable<void> { co_return; });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::io);
    EXPECT_NE(result.error().message.find("192.0.2.77"), std::string::npos);
}

TEST_F(AsioNetworkTest, silence_ends_with_timeout_and_the_connection_lives_on) {
    settings.read_timeout = 50ms;
    Server server([](tcp::socket& socket) {
        std::array<char, 2> heard{};
        boost::system::error_code error;
        asio::read(socket, asio::buffer(heard), error);
        send(socket, "late");
        wait_for_end(socket);
    });
    talk(server.endpoint(), [](Connection& connection) -> Awaitable<void> {
        const auto silence = co_await read(connection, 10ms);
        EXPECT_EQ(silence.error().code, Errc::timeout);
        const auto still = co_await read(connection);
        EXPECT_EQ(still.error().code, Errc::timeout);
        const auto sent = co_await connection.write("\r\n");
        EXPECT_TRUE(sent);
        Result<std::string> heard = Error{Errc::timeout, ""};
        while (!heard && heard.error().code == Errc::timeout) heard = co_await read(connection);
        EXPECT_EQ(heard.value(), "late");
    });
}

TEST_F(AsioNetworkTest, a_tarpit_ends_with_the_conversation) {
    settings.conversation_timeout = 200ms;
    Server server([](tcp::socket& socket) {
        boost::system::error_code error;
        while (!error) asio::write(socket, asio::buffer("x", 1), error);
    });
    settings.conversation_limit = std::numeric_limits<std::size_t>::max();
    talk(server.endpoint(), [](Connection& connection) -> Awaitable<void> {
        Result<std::string> heard = std::string{};
        while (heard) heard = co_await read(connection);
        EXPECT_EQ(heard.error().code, Errc::timeout);
    });
}

TEST_F(AsioNetworkTest, a_flood_ends_with_limit) {
    settings.conversation_limit = 10'000;
    Server server([](tcp::socket& socket) {
        boost::system::error_code error;
        const std::string flood(65536, 'x');
        while (!error) asio::write(socket, asio::buffer(flood), error);
    });
    talk(server.endpoint(), [](Connection& connection) -> Awaitable<void> {
        std::size_t total = 0;
        Result<std::string> heard = std::string{};
        while (heard) {
            heard = co_await read(connection);
            if (heard) total += heard->size();
        }
        EXPECT_EQ(heard.error().code, Errc::limit);
        EXPECT_EQ(total, 10'000U);
    });
}

TEST_F(AsioNetworkTest, an_orderly_end_is_closed) {
    Server server([](tcp::socket& socket) { send(socket, "bye"); });
    talk(server.endpoint(), [](Connection& connection) -> Awaitable<void> {
        const auto last = co_await read(connection);
        EXPECT_EQ(last.value(), "bye");
        const auto end = co_await read(connection);
        EXPECT_EQ(end.error().code, Errc::closed);
    });
}

TEST_F(AsioNetworkTest, a_reset_is_unknown) {
    Server server([](tcp::socket& socket) {
        socket.set_option(asio::socket_base::linger(true, 0));
        socket.close();
    });
    talk(server.endpoint(), [](Connection& connection) -> Awaitable<void> {
        const auto end = co_await read(connection);
        EXPECT_EQ(end.error().code, Errc::unreachable);
    });
}

TEST_F(AsioNetworkTest, a_host_that_takes_nothing_ends_with_timeout) {
    settings.read_timeout = 100ms;
    std::promise<void> given_up;
    Server server([&](tcp::socket&) { given_up.get_future().wait(); }); // reads nothing
    talk(server.endpoint(), [](Connection& connection) -> Awaitable<void> {
        const std::string much(64 << 20, 'x');
        const auto sent = co_await connection.write(much);
        EXPECT_EQ(sent.error().code, Errc::timeout);
    });
    given_up.set_value();
}

// ---- TLS ----

// A server context with a self-signed certificate for nobody, of a key that is too short for our time.
asio::ssl::context weak_tls() {
    asio::ssl::context context(asio::ssl::context::tls_server);
    SSL_CTX_set_security_level(context.native_handle(), 0);
    EVP_PKEY* key = EVP_RSA_gen(1024U);
    X509* certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), -3600); // has expired
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha1());
    EXPECT_EQ(SSL_CTX_use_certificate(context.native_handle(), certificate), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context.native_handle(), key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

TEST_F(AsioNetworkTest, tls_accepts_weak_keys_and_expired_certificates_of_strangers) {
    Server server([](tcp::socket& socket) {
        auto context = weak_tls();
        asio::ssl::stream<tcp::socket&> stream(socket, context);
        boost::system::error_code error;
        stream.handshake(asio::ssl::stream_base::server, error);
        EXPECT_FALSE(error) << error.message();
        asio::write(stream, asio::buffer("250 safe\r\n", 10), error);
        std::array<char, 6> heard{};
        asio::read(stream, asio::buffer(heard), error);
        EXPECT_EQ(std::string(heard.data(), heard.size()), "QUIT\r\n");
    });
    talk(server.endpoint(), [](Connection& connection) -> Awaitable<void> {
        const TlsWish wish{"mx.suspect.example", {}};
        const auto secured = co_await connection.start_tls(wish);
        EXPECT_TRUE(secured) << secured.error().message;
        const auto heard = co_await read(connection);
        EXPECT_EQ(heard.value(), "250 safe\r\n");
        const auto sent = co_await connection.write("QUIT\r\n");
        EXPECT_TRUE(sent);
        const auto end = co_await read(connection);
        EXPECT_EQ(end.error().code, Errc::closed);
    });
}

TEST_F(AsioNetworkTest, a_handshake_with_garbage_fails) {
    Server server([](tcp::socket& socket) {
        send(socket, "this is no TLS at all\r\n");
        wait_for_end(socket);
    });
    talk(server.endpoint(), [](Connection& connection) -> Awaitable<void> {
        const TlsWish wish;
        const auto secured = co_await connection.start_tls(wish);
        EXPECT_EQ(secured.error().code, Errc::protocol);
    });
}

TEST_F(AsioNetworkTest, a_handshake_with_silence_ends_with_timeout) {
    settings.read_timeout = 50ms;
    Server server([](tcp::socket& socket) { wait_for_end(socket); });
    talk(server.endpoint(), [](Connection& connection) -> Awaitable<void> {
        const TlsWish wish;
        const auto secured = co_await connection.start_tls(wish);
        EXPECT_EQ(secured.error().code, Errc::timeout);
    });
}

} // namespace
} // namespace provenbl::verifier
