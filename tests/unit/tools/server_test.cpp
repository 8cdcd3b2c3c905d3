// The API over real sockets: a Unix socket in a temporary directory, and an ephemeral port of loopback.
#include "tests/unit/tools/api_fixture.hpp"
#include "tests/unit/tools/test_certificate.hpp"
#include "tools/api/certificate.hpp"
#include "tools/api/listening_socket.hpp"
#include "tools/api/server.hpp"
#include "tools/cli/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include <fstream>

namespace provenbl::tools {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;

class ApiServer : public ApiFixture {
protected:
    ApiServer() {
        configuration.api.socket = directory.path() / "api.sock";
        configuration.api.public_listen = {{Address::v4(127, 0, 0, 1), 0}};
        configuration.api.request_limit = 2048;
    }
    void start() {
        server.emplace(context);
        const auto started = server->start();
        ASSERT_TRUE(started) << started.error().message;
    }
    [[nodiscard]] cli::HttpClient over_socket() const {
        return cli::HttpClient{cli::ServerAddress{configuration.api.socket.string(), "", ""}};
    }
    [[nodiscard]] cli::HttpClient over_tcp() const {
        return cli::HttpClient{
            cli::ServerAddress{"", "127.0.0.1", std::to_string(server->public_endpoints().at(0).port)}};
    }
    // Sends bytes as they are over TCP and reads until the server closes.
    [[nodiscard]] std::string raw(const std::string& bytes) const {
        asio::io_context io;
        asio::ip::tcp::socket socket{io};
        socket.connect({asio::ip::address_v4::loopback(), server->public_endpoints().at(0).port});
        boost::system::error_code ignored;
        asio::write(socket, asio::buffer(bytes), ignored);
        socket.shutdown(asio::socket_base::shutdown_send, ignored);
        std::string answer;
        asio::read(socket, asio::dynamic_buffer(answer), ignored);
        return answer;
    }
    std::optional<api::Server> server;
};

TEST_F(ApiServer, TheSocketIsTheOperatorsAndTcpThePublics) {
    start();
    EXPECT_EQ(over_socket().request("GET", "/v1/status", "")->status, 200U);
    EXPECT_EQ(over_socket().request("POST", "/v1/reports", R"({"address": "5.6.7.8"})")->status, 201U);
    EXPECT_EQ(over_tcp().request("GET", "/v1/status", "")->status, 403U);
    EXPECT_EQ(over_tcp().request("GET", "/v1/hosts/5.6.7.8", "")->status, 200U);
    EXPECT_EQ(over_tcp().request("POST", "/v1/hosts/5.6.7.8/rescan", "")->status, 403U)
        << "not listed, not the caller's";
    const auto mode = std::filesystem::status(configuration.api.socket).permissions();
    EXPECT_EQ(static_cast<unsigned>(mode), 0660U);
}

TEST_F(ApiServer, AScanIsFollowedLive) {
    start();
    const auto reply = over_socket().request("POST", "/v1/reports", R"({"address": "5.6.7.8"})");
    const auto id = boost::json::parse(reply->body).at("scan").to_number<std::uint64_t>();
    std::vector<std::string> names;
    const auto followed =
        over_tcp().follow("/v1/hosts/5.6.7.8/scans/" + std::to_string(id) + "?follow=1", [&](const cli::Event& event) {
            names.push_back(event.name);
            // Each event provokes the next commit, so this ends only if commits become events.
            const auto done = store->write([&](WriteTxn& txn) -> Result<> {
                if (names.size() == 1) (void)ledger::start_scan(txn, suspect).value();
                if (names.size() == 2)
                    ledger::add_step(txn, suspect, id, {txn.now, "x", suspect, 25, Verdict::refused, "no"});
                if (names.size() == 3) (void)ledger::finish_scan(txn, suspect, id, {}).value();
                return {};
            });
            return done.has_value();
        });
    ASSERT_TRUE(followed) << followed.error().message;
    EXPECT_THAT(names, testing::ElementsAre("state", "state", "step", "finished"));
}

TEST_F(ApiServer, HostileRequestsGetAnAnswerOrNothing) {
    start();
    EXPECT_THAT(raw("GARBAGE\r\n\r\n"), HasSubstr("400 Bad Request"));
    EXPECT_THAT(raw("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(10'000, 'x') + "\r\n\r\n"),
                HasSubstr("431 Request Header Fields Too Large"));
    EXPECT_THAT(raw("GET /" + std::string(10'000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n"),
                HasSubstr("414 URI Too Long"));
    EXPECT_THAT(raw("POST /v1/reports HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"),
                HasSubstr("413 Content Too Large"));
    EXPECT_EQ(raw("GET / HTTP/1.1\r\nHo"), "");
    EXPECT_EQ(raw(""), "");
    const auto head = raw("HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(head, HasSubstr("200 OK"));
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
    EXPECT_EQ(over_tcp().request("GET", "/healthz", "")->status, 200U) << "and it lives on";
}

TEST_F(ApiServer, OneConnectionCarriesManyRequests) {
    start();
    const auto answers =
        raw("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answers, HasSubstr("\"alive\":true"));
    EXPECT_THAT(answers, HasSubstr("\"ready\":true"));
}

TEST_F(ApiServer, TooManyConnectionsAreTurnedAwayButTheOperator) {
    configuration.api.connections_per_client = 2;
    start();
    asio::io_context io;
    const asio::ip::tcp::endpoint endpoint{asio::ip::address_v4::loopback(), server->public_endpoints().at(0).port};
    std::vector<asio::ip::tcp::socket> idle;
    for (int i = 0; i < 2; ++i) idle.emplace_back(io).connect(endpoint);
    EXPECT_EQ(raw("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"), "");
    EXPECT_EQ(over_socket().request("GET", "/v1/status", "")->status, 200U);
}

TEST_F(ApiServer, TooManyFollowersAreTurnedAway) {
    configuration.api.follower_limit = 1;
    start();
    const auto reply = over_socket().request("POST", "/v1/reports", R"({"address": "5.6.7.8"})");
    const auto path = std::string{boost::json::parse(reply->body).at("follow").as_string()};
    unsigned second = 0;
    const auto first = over_socket().follow(path, [&](const cli::Event&) {
        second = over_socket().follow(path, [](const cli::Event&) { return false; })->status;
        return false;
    });
    ASSERT_TRUE(first);
    EXPECT_EQ(second, 503U);
}

TEST_F(ApiServer, AStaleSocketIsReplacedALivingOneIsNot) {
    {
        asio::io_context io;
        asio::local::stream_protocol::acceptor dead{io, configuration.api.socket.string()};
    } // closed, its file left behind
    ASSERT_TRUE(std::filesystem::exists(configuration.api.socket));
    start();
    EXPECT_EQ(over_socket().request("GET", "/healthz", "")->status, 200U);

    api::Server second{context};
    const auto refused = second.start();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("another process serves"));
    second.stop();
    EXPECT_EQ(over_socket().request("GET", "/healthz", "")->status, 200U) << "the first is undisturbed";

    server->stop();
    EXPECT_FALSE(std::filesystem::exists(configuration.api.socket));
}

TEST_F(ApiServer, AFileInTheWayIsLeftAlone) {
    std::ofstream{configuration.api.socket} << "precious";
    api::Server refused{context};
    const auto result = refused.start();
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("is not a socket"));
    EXPECT_TRUE(std::filesystem::exists(configuration.api.socket));
}

TEST_F(ApiServer, APortInUseSaysWhatToDo) {
    start();
    auto other_configuration = configuration;
    other_configuration.api.socket = directory.path() / "other.sock";
    other_configuration.api.public_listen = server->public_endpoints();
    const api::Context other{*store, clock, other_configuration, gate, mint, [] { return boost::json::object{}; },
                             entropy};
    api::Server second{other};
    const auto refused = second.start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("api.public_listen"));
    EXPECT_THAT(refused.error().message, HasSubstr("stop the program that listens there"));
}

TEST_F(ApiServer, NobodyThereIsUnreachable) {
    const auto reply = over_socket().request("GET", "/healthz", "");
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, Errc::unreachable);
    EXPECT_THAT(reply.error().message, HasSubstr("provenbl run"));
}

TEST_F(ApiServer, WhoIsTooSlowIsToldSo) {
    configuration.api.request_timeout = std::chrono::milliseconds{150};
    start();
    asio::io_context io;
    asio::ip::tcp::socket socket{io};
    socket.connect({asio::ip::address_v4::loopback(), server->public_endpoints().at(0).port});
    asio::write(socket, asio::buffer(std::string{"GET /healthz HTTP/1.1\r\nHo"}));
    std::string answer;
    boost::system::error_code ignored;
    asio::read(socket, asio::dynamic_buffer(answer), ignored); // until the server closes
    EXPECT_THAT(answer, HasSubstr("408 Request Timeout"));
    EXPECT_THAT(answer, HasSubstr("/v1/problems/timeout"));
}

TEST_F(ApiServer, AProxyIsBelievedWhenItIsOurs) {
    const std::string request = "POST /v1/selftest HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                "X-Forwarded-For: 9.9.9.9, 5.6.7.8\r\nContent-Length: 0\r\n\r\n";
    start();
    EXPECT_THAT(raw(request), HasSubstr("403 Forbidden")) << "127.0.0.1 itself is never visited";
    EXPECT_FALSE(host(suspect));
    server.reset();
    configuration.api.trusted_proxies = {Prefix::parse("127.0.0.1").value()};
    start();
    EXPECT_THAT(raw(request), HasSubstr("\"address\":\"5.6.7.8\""));
    EXPECT_EQ(host(suspect)->due_kind, ScanKind::owner);
}

// ---- HTTPS ------------------------------------------------------------------------------------------------

class ApiTlsServer : public ApiServer {
protected:
    ApiTlsServer() {
        test::write_certificate(files, 1);
        configuration.api.tls.listen = {{Address::v4(127, 0, 0, 1), 0}};
        configuration.api.tls.certificate = files.certificate;
        configuration.api.tls.key = files.key;
    }
    [[nodiscard]] cli::HttpClient over_tls(const std::string& authorities,
                                           const std::string& name = "127.0.0.1") const {
        return cli::HttpClient{
            cli::ServerAddress{"", name, std::to_string(server->tls_endpoints().at(0).port), true, authorities}};
    }
    test::CertificateFiles files{directory.path() / "cert.pem", directory.path() / "key.pem"};
};

TEST_F(ApiTlsServer, SpeaksToWhoTrustsIt) {
    start();
    const auto reply = over_tls(files.certificate).request("GET", "/v1/hosts/5.6.7.8", "");
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->status, 200U);
    EXPECT_EQ(over_tls(files.certificate).request("GET", "/v1/status", "")->status, 403U) << "public routes alone";
    const auto distrusted = over_tls("").request("GET", "/healthz", "");
    ASSERT_FALSE(distrusted);
    EXPECT_THAT(distrusted.error().message, HasSubstr("--ca"));
    EXPECT_FALSE(over_tls(files.certificate, "localhost").request("GET", "/healthz", "")) << "another name";
    EXPECT_THAT(over_tls("/nonexistent.pem").request("GET", "/healthz", "").error().message,
                HasSubstr("/nonexistent.pem"));
    EXPECT_EQ(over_tcp().request("GET", "/healthz", "")->status, 200U) << "beside plain HTTP";
}

TEST_F(ApiTlsServer, ANewCertificateIsTakenUpWhenItFits) {
    start();
    ASSERT_TRUE(over_tls(files.certificate).request("GET", "/healthz", ""));
    const test::CertificateFiles before{directory.path() / "old.pem", files.key};
    std::filesystem::copy_file(files.certificate, before.certificate);
    std::ofstream{files.certificate, std::ios::trunc} << "no certificate";
    EXPECT_TRUE(over_tls(before.certificate).request("GET", "/healthz", "")) << "the old one goes on";
    test::write_certificate(files, 2);
    EXPECT_TRUE(over_tls(files.certificate).request("GET", "/healthz", ""));
    EXPECT_FALSE(over_tls(before.certificate).request("GET", "/healthz", ""));
}

TEST_F(ApiTlsServer, WhatCanNotBeReadIsNamed) {
    const auto complaint = [&](const test::CertificateFiles& of) {
        ApiTls settings;
        settings.certificate = of.certificate;
        settings.key = of.key;
        return api::Certificate{settings}.load().error().message;
    };
    const auto other = directory.path() / "other.pem";
    const test::CertificateFiles second{directory.path() / "second.pem", directory.path() / "second.key"};
    test::write_certificate(second, 3);
    std::ofstream{other} << "garbage";
    EXPECT_THAT(complaint({"/nonexistent.pem", files.key}),
                HasSubstr("api.tls.certificate: can't read /nonexistent.pem"));
    EXPECT_THAT(complaint({files.certificate, "/nonexistent.pem"}),
                HasSubstr("api.tls.key: can't read /nonexistent.pem"));
    EXPECT_THAT(complaint({other, files.key}), HasSubstr("is no certificate"));
    EXPECT_THAT(complaint({files.certificate, other}), HasSubstr("is not the private key of"));
    EXPECT_THAT(complaint({files.certificate, second.key}), HasSubstr("is not the private key of"));
}

} // namespace
} // namespace provenbl::tools
