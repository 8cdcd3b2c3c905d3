// A change of configuration while the server answers, over real sockets.
#include "client.hpp"
#include "dnsbl/server.hpp"
#include "ldns_oracle.hpp"
#include "served_zones.hpp"
#include "tests/support/store_fixture.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>

namespace provenbl::dnsbl::testing {
namespace {

Endpoint loopback() {
    return {Address::v4(127, 0, 0, 1), 0};
}

class ReloadTest : public test::StoreFixture {
protected:
    void SetUp() override {
        follower_.start();
        server_ = std::make_unique<Server>(served_zones(), follower_, settings_);
        ASSERT_TRUE(server_->start());
        to_ = server_->endpoints().front();
    }
    void TearDown() override {
        server_->stop();
        follower_.stop();
    }
    void use(const zones::ZoneSet& zones, const ServerSettings& settings) {
        const auto change = server_->prepare(zones, settings, nullptr);
        ASSERT_TRUE(change) << change.error().message;
        server_->use(*change);
    }
    static zones::ZoneSet with_ttl(std::uint32_t ttl) {
        auto zones = served_zones();
        zones.zones.front().ttl = ttl;
        return zones;
    }
    static Bytes entry() { return question("2.0.0.127.bl.example", wire::type::a); }
    static std::string answer_with_ttl(int ttl) { return fmt::format("2.0.0.127.bl.example. {} IN A 127.0.0.2", ttl); }

    ServerSettings settings_{.listen = {loopback()}, .workers = 2, .identity = "dns-1"};
    zones::Follower follower_{*store};
    std::unique_ptr<Server> server_;
    Endpoint to_;
};

TEST_F(ReloadTest, ConnectionsThatAreOpenAreAnsweredByTheNew) {
    const UdpClient udp(to_);
    const TcpClient tcp(to_);
    EXPECT_EQ(read_with_ldns(udp.ask(entry())).answers, std::vector{answer_with_ttl(120)});
    EXPECT_EQ(read_with_ldns(tcp.ask(entry()).value()).answers, std::vector{answer_with_ttl(120)});
    for (const int ttl : {7, 8, 9}) {
        use(with_ttl(static_cast<std::uint32_t>(ttl)), settings_);
        EXPECT_EQ(read_with_ldns(udp.ask(entry())).answers, std::vector{answer_with_ttl(ttl)});
        EXPECT_EQ(read_with_ldns(tcp.ask(entry()).value()).answers, std::vector{answer_with_ttl(ttl)});
    }
    EXPECT_EQ(server_->statistics().udp_queries, 4U);
    EXPECT_EQ(server_->statistics().tcp_queries, 4U);
}

TEST_F(ReloadTest, CountersGoOnWhenTheZonesAreOthers) {
    const UdpClient udp(to_);
    EXPECT_FALSE(udp.ask(entry()).empty());
    EXPECT_FALSE(udp.ask(question("2.0.0.127.relay.bl.example", wire::type::a)).empty());
    auto fewer = served_zones();
    fewer.zones.pop_back();
    use(fewer, settings_);
    EXPECT_FALSE(udp.ask(entry()).empty());
    EXPECT_FALSE(udp.ask(question("2.0.0.127.relay.bl.example", wire::type::a)).empty()) << "no such name";
    const auto sum = server_->statistics();
    EXPECT_EQ(sum.udp_queries, 4U);
    EXPECT_EQ(sum.listed, 3U);
    ASSERT_EQ(sum.zones.size(), 3U); // one zone, the probe domain, none
    EXPECT_EQ(sum.zones.front().answers.of(watch::AnswerKind::listed), 2U);
}

TEST_F(ReloadTest, WhatCannotBeTakenChangesNothing) {
    auto bad = served_zones();
    bad.zones.front().txt = std::string(300, 'x');
    EXPECT_FALSE(server_->prepare(bad, settings_, nullptr));
    auto settings = settings_;
    settings.cookie_secret_file = "/nowhere/secrets";
    EXPECT_FALSE(server_->prepare(with_ttl(5), settings, nullptr));
    EXPECT_EQ(read_with_ldns(UdpClient(to_).ask(entry())).answers, std::vector{answer_with_ttl(120)});
}

TEST_F(ReloadTest, LimitsAndAccessAreThoseOfTheNew) {
    auto settings = settings_;
    settings.access = {{Prefix::parse("127.0.0.0/8").value(), guard::AccessAction::refuse, {}}};
    settings.tcp_connections = 1;
    use(served_zones(), settings);
    EXPECT_EQ(read_with_ldns(UdpClient(to_).ask(entry())).rcode, 5U);
    const TcpClient first(to_);
    EXPECT_TRUE(first.ask(entry()));
    const TcpClient second(to_);
    EXPECT_TRUE(second.ask(entry()));
    EXPECT_TRUE(first.receive().empty()) << "there is room for one";
}

// Sockets that somebody else keeps: a server takes copies, and the next goes on with them.
TEST_F(ReloadTest, SocketsThatArePassedOutliveTheServer) {
    const auto bind = [](int type, std::uint16_t port) {
        const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        name.sin_port = htons(port);
        if (::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) return -1;
        if (type == SOCK_STREAM) listen(fd, 16);
        return fd;
    };
    const int udp = bind(SOCK_DGRAM, 0);
    sockaddr_in name{};
    socklen_t size = sizeof name;
    getsockname(udp, reinterpret_cast<sockaddr*>(&name), &size);
    const Endpoint kept{Address::v4(127, 0, 0, 1), ntohs(name.sin_port)};
    const int tcp = bind(SOCK_STREAM, kept.port);
    ASSERT_GE(tcp, 0);
    const UdpClient client(kept);
    for (int round = 0; round < 2; ++round) {
        client.send(entry()); // waits in the socket until somebody answers
        Server server(served_zones(), follower_, settings_);
        server.adopt({udp, tcp});
        const auto started = server.start();
        ASSERT_TRUE(started) << started.error().message;
        EXPECT_EQ(server.endpoints(), std::vector{kept});
        EXPECT_EQ(read_with_ldns(client.receive()).answers, std::vector{answer_with_ttl(120)});
        EXPECT_TRUE(TcpClient(kept).ask(entry()));
        server.stop();
    }
    Server half(served_zones(), follower_, settings_);
    half.adopt({udp});
    const auto refused = half.start();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, ::testing::HasSubstr("only the UDP socket was passed"));
    close(udp);
    close(tcp);
}

} // namespace
} // namespace provenbl::dnsbl::testing
