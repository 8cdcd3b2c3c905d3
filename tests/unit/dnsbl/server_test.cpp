// The server over real sockets on loopback, with a real store behind it.
#include "client.hpp"
#include "dnsbl/server.hpp"
#include "ldns_oracle.hpp"
#include "served_zones.hpp"
#include "store/access_keys.hpp"
#include "store/entropy.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

namespace provenbl::dnsbl::testing {
namespace {

using namespace std::chrono_literals;

Endpoint loopback(std::uint16_t port = 0) {
    return {Address::v4(127, 0, 0, 1), port};
}

class ServerTest : public test::StoreFixture {
protected:
    ServerSettings settings_{.listen = {loopback()}, .workers = 1, .identity = "dns-1"};
    zones::Follower follower_{*store};
    std::unique_ptr<Server> server_;

    void start() {
        follower_.start();
        server_ = std::make_unique<Server>(served_zones(), follower_, settings_);
        const auto started = server_->start();
        ASSERT_TRUE(started) << started.error().message;
    }
    void TearDown() override {
        if (server_) server_->stop();
        follower_.stop();
    }
    Endpoint endpoint(std::size_t which = 0) const { return server_->endpoints().at(which); }
    static Bytes test_question() { return question("2.0.0.127.bl.example", wire::type::a); }
};

TEST_F(ServerTest, UdpAndTcpGiveTheSameAnswer) {
    settings_.listen.push_back({at("::1"), 0});
    start();
    ASSERT_EQ(server_->endpoints().size(), 2U);
    for (const auto& to : server_->endpoints()) {
        const auto udp = UdpClient(to).ask(test_question());
        EXPECT_EQ(read_with_ldns(udp).answers, std::vector<std::string>{"2.0.0.127.bl.example. 120 IN A 127.0.0.2"});
        EXPECT_EQ(TcpClient(to).ask(test_question()), udp);
    }
    const auto statistics = server_->statistics();
    EXPECT_EQ(statistics.udp_queries, 2U);
    EXPECT_EQ(statistics.tcp_queries, 2U);
    EXPECT_EQ(statistics.noerror, 4U);
}

TEST_F(ServerTest, SaysWhatItAnsweredByZoneTypeAndTransport) {
    start();
    const UdpClient udp(endpoint());
    EXPECT_FALSE(udp.ask(test_question()).empty());
    EXPECT_FALSE(udp.ask(question("2.0.0.127.relay.bl.example", wire::type::txt)).empty());
    EXPECT_FALSE(udp.ask(question("elsewhere.example", wire::type::a)).empty());
    // A latency is noted after the answer has gone: that of the second one may come too late to be seen.
    const TcpClient tcp(endpoint());
    EXPECT_TRUE(tcp.ask(question("9.9.9.9.bl.example", wire::type::a)));
    EXPECT_TRUE(tcp.ask(question("bl.example", wire::type::ns)));
    server_->stop();
    const auto sum = server_->statistics();
    ASSERT_EQ(sum.zones.size(), 4U); // two zones, the probe domain, none
    EXPECT_EQ(sum.zones[0].apex, "bl.example");
    EXPECT_EQ(sum.zones[0].answers.of(watch::AnswerKind::listed), 1U);
    EXPECT_EQ(sum.zones[0].answers.of(watch::AnswerKind::nxdomain), 1U);
    EXPECT_EQ(sum.zones[1].apex, "relay.bl.example");
    EXPECT_EQ(sum.zones[1].answers.types[static_cast<std::size_t>(watch::TypeKind::txt)], 1U);
    EXPECT_EQ(sum.zones[3].apex, "");
    EXPECT_EQ(sum.zones[3].answers.of(watch::AnswerKind::refused), 1U);
    EXPECT_EQ(sum.listed, 2U);
    EXPECT_EQ(sum.udp_latency.total(), 3U);
    EXPECT_GE(sum.tcp_latency.total(), 1U);
}

// Over UDP and TCP, from a real socket to the file.
TEST_F(ServerTest, TheQueryLogAndDnstapSeeEveryAnswer) {
    const test::TemporaryDirectory directory;
    settings_.watch.query_log.file = (directory.path() / "query.log").string();
    settings_.watch.query_log.anonymize = false;
    settings_.watch.dnstap.file = directory.path() / "tap";
    start();
    const auto patience = std::chrono::steady_clock::now() + 30s;
    while (!server_->statistics().dnstap->connected && std::chrono::steady_clock::now() < patience)
        std::this_thread::sleep_for(1ms);
    const UdpClient udp(endpoint());
    EXPECT_FALSE(udp.ask(test_question()).empty());
    EXPECT_TRUE(TcpClient(endpoint()).ask(question("9.9.9.9.bl.example", wire::type::txt)));
    server_->stop();
    std::ifstream stream{settings_.watch.query_log.file};
    const std::string text{std::istreambuf_iterator<char>{stream}, {}};
    EXPECT_THAT(text, ::testing::HasSubstr(" udp 127.0.0.1 2.0.0.127.bl.example A bl.example NOERROR 127.0.0.2 "));
    EXPECT_THAT(text, ::testing::HasSubstr(" tcp 127.0.0.1 9.9.9.9.bl.example TXT bl.example NXDOMAIN - "));
    const auto sum = server_->statistics();
    EXPECT_EQ(sum.query_log->written, 2U);
    EXPECT_EQ(sum.query_log->dropped, 0U);
    EXPECT_EQ(sum.dnstap->written, 4U);
    EXPECT_EQ(sum.dnstap->dropped, 0U);
}

// From the store's commit to the answer, without a reload; and back.
TEST_F(ServerTest, AListingAppearsAndADelistingGoes) {
    start();
    const UdpClient client(endpoint());
    const auto asked = question("8.7.6.5.bl.example", wire::type::a);
    const auto until = [&](unsigned rcode) {
        const auto patience = std::chrono::steady_clock::now() + 30s;
        while (read_with_ldns(client.ask(asked)).rcode != rcode) {
            if (std::chrono::steady_clock::now() > patience) return false;
        }
        return true;
    };
    EXPECT_TRUE(until(3));
    prove(1, test::ip("5.6.7.8"));
    EXPECT_TRUE(until(0));
    const auto serial = read_with_ldns(client.ask(question("bl.example", wire::type::soa))).answers.at(0);
    EXPECT_THAT(serial, ::testing::HasSubstr("hostmaster.bl.example. 1 300"));
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        const auto done =
            ledger::exclude(txn, {Prefix::of(test::ip("5.6.7.8"), 32), "asked", "operator", clock.now(), {}});
        if (!done) return done.error();
        return {};
    }));
    EXPECT_TRUE(until(3));
}

TEST_F(ServerTest, SharesOnePortBetweenWorkers) {
    settings_.workers = 3;
    start();
    for (int i = 0; i < 64; ++i) {
        const auto answer = UdpClient(endpoint()).ask(test_question());
        ASSERT_EQ(read_with_ldns(answer).answers.size(), 1U);
    }
    EXPECT_EQ(server_->statistics().udp_queries, 64U);
}

TEST_F(ServerTest, AnswersManyQuestionsOfOneBatchEachToItsOwn) {
    start();
    const UdpClient client(endpoint());
    auto message = test_question();
    for (unsigned id = 0; id < 100; ++id) {
        set16(message, 0, id);
        client.send(message);
    }
    for (unsigned id = 0; id < 100; ++id) {
        const auto answer = client.receive();
        ASSERT_GE(answer.size(), 12U);
        EXPECT_EQ(answer[0] << 8U | answer[1], static_cast<int>(id)); // one socket, one queue: in order
    }
}

// A connected socket takes answers only from the address that it asked.
TEST_F(ServerTest, OnAllAddressesAnAnswerLeavesFromTheOneAsked) {
    settings_.listen = {{at("0.0.0.0"), 0}, {at("::"), 0}};
    start();
    for (const auto* address : {"127.0.0.1", "127.1.2.3"}) {
        const UdpClient client({at(address), endpoint(0).port});
        EXPECT_EQ(read_with_ldns(client.ask(test_question())).answers.size(), 1U);
    }
    const UdpClient client({at("::1"), endpoint(1).port});
    EXPECT_EQ(read_with_ldns(client.ask(test_question())).answers.size(), 1U);
}

TEST_F(ServerTest, GarbageIsDroppedAndTheNextQuestionAnswered) {
    start();
    const UdpClient client(endpoint());
    client.send(Bytes(5, 0xff));
    client.send(Bytes(5000, 0x41)); // longer than any question
    auto response = test_question();
    response[2] |= 0x80U;
    client.send(response);
    EXPECT_EQ(read_with_ldns(client.ask(test_question())).answers.size(), 1U);
    const auto statistics = server_->statistics();
    EXPECT_EQ(statistics.dropped, 3U);
    EXPECT_EQ(statistics.drops[static_cast<std::size_t>(Drop::oversize)], 1U);
}

TEST_F(ServerTest, PipelinedQueriesAreAnsweredInOrder) {
    start();
    const TcpClient client(endpoint());
    Bytes all;
    auto message = with_opt(question("bl.example", wire::type::any));
    constexpr unsigned count = 500; // more than is gathered at once
    for (unsigned id = 0; id < count; ++id) {
        set16(message, 0, id);
        append(all, framed(message));
    }
    std::thread sender([&] { client.send(all); });
    for (unsigned id = 0; id < count; ++id) {
        const auto answer = client.answer();
        ASSERT_TRUE(answer);
        ASSERT_EQ((*answer)[0] << 8U | (*answer)[1], static_cast<int>(id));
    }
    sender.join();
    EXPECT_EQ(server_->statistics().tcp_queries, count);
}

TEST_F(ServerTest, AMessageInPiecesIsOneMessage) {
    start();
    const TcpClient client(endpoint());
    for (const auto octet : framed(test_question())) client.send({octet});
    const auto answer = client.answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(read_with_ldns(*answer).answers.size(), 1U);
    // The connection stays for the next one (RFC 7766 6.2.1).
    EXPECT_TRUE(client.ask(question("bl.example", wire::type::soa)));
}

TEST_F(ServerTest, ALongMessageIsReadWhole) {
    start();
    const TcpClient client(endpoint());
    auto message = with_opt(test_question(), {.options = [] {
                                Bytes options{0xff, 0xf0};
                                put16(options, 60000);
                                options.resize(options.size() + 60000);
                                return options;
                            }()});
    const auto answer = client.ask(message);
    ASSERT_TRUE(answer);
    EXPECT_EQ(read_with_ldns(*answer).answers.size(), 1U);
    EXPECT_TRUE(client.ask(test_question()));
}

TEST_F(ServerTest, AResponseOverTcpGetsNoAnswer) {
    start();
    const TcpClient client(endpoint());
    auto response = test_question();
    response[2] |= 0x80U;
    set16(response, 0, 1);
    client.send(framed(response));
    const auto answer = client.ask(test_question());
    ASSERT_TRUE(answer);
    EXPECT_EQ((*answer)[0], 0x12);
}

TEST_F(ServerTest, WhatIsNotDnsIsHungUpOn) {
    start();
    for (const unsigned length : {0U, 11U}) {
        const TcpClient client(endpoint());
        Bytes bytes;
        put16(bytes, length);
        bytes.resize(bytes.size() + length);
        client.send(bytes);
        EXPECT_FALSE(client.answer()) << length;
    }
}

TEST_F(ServerTest, SlowMessagesAndIdleConnectionsEnd) {
    settings_.tcp_message_timeout = 40ms;
    settings_.tcp_idle_timeout = 60ms;
    start();
    const TcpClient slow(endpoint());
    slow.send({0, 50, 1, 2, 3});
    EXPECT_FALSE(slow.answer());
    const TcpClient silent(endpoint());
    EXPECT_FALSE(silent.answer());
    const TcpClient once(endpoint());
    EXPECT_TRUE(once.ask(test_question()));
    EXPECT_FALSE(once.answer());
}

TEST_F(ServerTest, HalfOpenConnectionsMakeRoomForANewQuestion) {
    settings_.tcp_connections = 8;
    settings_.tcp_message_timeout = 1h;
    settings_.tcp_idle_timeout = 1h;
    start();
    std::vector<std::unique_ptr<TcpClient>> slow;
    for (int i = 0; i < 40; ++i) {
        slow.push_back(std::make_unique<TcpClient>(endpoint()));
        slow.back()->send({0});
    }
    const TcpClient honest(endpoint());
    EXPECT_TRUE(honest.ask(test_question()));
    EXPECT_FALSE(slow.front()->answer());
}

TEST_F(ServerTest, AClientsOldestConnectionEndsWhenItHasTooMany) {
    settings_.tcp_per_client = 2;
    start();
    const TcpClient first(endpoint());
    EXPECT_TRUE(first.ask(test_question()));
    const TcpClient second(endpoint());
    EXPECT_TRUE(second.ask(test_question()));
    EXPECT_TRUE(first.ask(test_question())); // progress: now the second is the oldest
    const TcpClient third(endpoint());
    EXPECT_TRUE(third.ask(test_question()));
    EXPECT_FALSE(second.answer());
    EXPECT_TRUE(first.ask(test_question()));
}

// A client that sends and never reads holds up nobody, and ends.
TEST_F(ServerTest, AClientThatNeverReadsEnds) {
    settings_.tcp_message_timeout = 50ms;
    start();
    const TcpClient greedy(endpoint());
    Bytes many;
    for (int i = 0; i < 2000; ++i) append(many, framed(question("bl.example", wire::type::any)));
    std::thread sender([&] {
        try {
            for (int i = 0; i < 400; ++i) greedy.send(many);
            ADD_FAILURE() << "everything was taken";
        } catch (const std::runtime_error&) {
            // The server hung up.
        }
    });
    EXPECT_TRUE(TcpClient(endpoint()).ask(test_question()));
    sender.join();
}

TEST_F(ServerTest, TellsHowLongAConnectionMayBeIdle) {
    settings_.tcp_idle_timeout = 7s;
    settings_.tcp_connections = 10;
    start();
    const auto asked = with_opt(test_question(), {.options = {0, 11, 0, 0}});
    const auto told = [&](const TcpClient& client) {
        const auto answer = client.ask(asked).value_or(Bytes(2)); // the OPT comes last, the option ends it
        return answer[answer.size() - 2] << 8U | answer[answer.size() - 1];
    };
    std::vector<std::unique_ptr<TcpClient>> clients;
    for (int i = 0; i < 10; ++i) {
        clients.push_back(std::make_unique<TcpClient>(endpoint()));
        const auto units = told(*clients.back());
        EXPECT_EQ(units == 70, i < 5) << i;
        EXPECT_EQ(units == 0, i >= 8) << i;
    }
}

TEST_F(ServerTest, AConnectionOfADroppedClientIsClosed) {
    settings_.access = {{Prefix::parse("127.0.0.0/8").value(), guard::AccessAction::drop, {}}};
    settings_.listen.push_back({at("::1"), 0});
    start();
    EXPECT_FALSE(TcpClient(endpoint(0)).answer());
    EXPECT_TRUE(TcpClient(endpoint(1)).ask(test_question()));
}

// On both paths: what the hot path would take, and what it leaves.
TEST_F(ServerTest, BeyondTheRateLimitAClientIsSentToTcp) {
    settings_.rate_limit.answers_per_second = 1;
    settings_.rate_limit.exempt = {};
    start();
    const UdpClient client(endpoint());
    for (const auto& asked : {question("9.9.9.9.bl.example", wire::type::a), test_question()}) {
        const auto sent = [&] {
            const auto answer = read_with_ldns(client.ask(asked));
            EXPECT_TRUE(!answer.tc || (answer.answers.empty() && answer.authorities.empty()));
            return answer.tc;
        };
        // One answer a second: unless each of these takes a second, one of them is beyond it.
        bool limited = false;
        for (int i = 0; i < 100 && !limited; ++i) limited = sent();
        EXPECT_TRUE(limited);
        const auto whole = TcpClient(endpoint()).ask(asked);
        ASSERT_TRUE(whole);
        EXPECT_FALSE(read_with_ldns(*whole).tc);
    }
}

TEST_F(ServerTest, AZoneThatNeedsAKeyIsClosedOnBothPaths) {
    SystemEntropy entropy;
    const auto label = access_keys::make_label(entropy);
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        AccessKey key;
        key.name = "customer";
        key.hash = access_keys::hash_label({reinterpret_cast<const std::uint8_t*>(label.data()), label.size()});
        const auto added = access_keys::add(txn, key);
        if (!added) return added.error();
        return {};
    }));
    prove(1, test::ip("5.6.7.8"));
    guard::KeyRing ring(*store);
    ring.start();
    follower_.start();
    auto set = served_zones();
    set.zones[0].access = zones::ZoneAccess::key;
    server_ = std::make_unique<Server>(set, follower_, settings_, &ring);
    const auto started = server_->start();
    ASSERT_TRUE(started) << started.error().message;
    const UdpClient client(endpoint());
    for (const std::string name : {"8.7.6.5", "1.1.1.1", "2.0.0.127"}) {
        for (const auto type : {wire::type::a, wire::type::txt}) {
            const auto closed = question(name + ".bl.example", type);
            EXPECT_EQ(read_with_ldns(client.ask(closed)).rcode, 5U) << name;
            EXPECT_EQ(read_with_ldns(TcpClient(endpoint()).ask(closed).value()).rcode, 5U) << name;
            const auto open = question(name + "." + label + ".bl.example", type);
            const auto rcode = name == "1.1.1.1" ? 3U : 0U;
            EXPECT_EQ(read_with_ldns(client.ask(open)).rcode, rcode) << name;
            EXPECT_EQ(read_with_ldns(TcpClient(endpoint()).ask(open).value()).rcode, rcode) << name;
        }
    }
    EXPECT_EQ(ring.usage(1)->answered(), 12U);
    server_.reset();
}

TEST_F(ServerTest, AMissingFileOfCookieSecretsIsAnError) {
    settings_.cookie_secret_file = "/nonexistent/secret";
    Server server(served_zones(), follower_, settings_);
    const auto started = server.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, ::testing::HasSubstr("dns.cookie_secret_file /nonexistent/secret"));
}

TEST_F(ServerTest, APortInUseIsAnErrorThatSaysWhatToDo) {
    settings_.workers = 2;
    start();
    auto settings = settings_;
    settings.listen = {endpoint()};
    Server second(served_zones(), follower_, settings);
    const auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::conflict);
    EXPECT_THAT(started.error().message, ::testing::HasSubstr(endpoint().to_string()));
    EXPECT_THAT(started.error().message, ::testing::HasSubstr("in use; stop the other server"));
    // The first one serves on.
    EXPECT_FALSE(UdpClient(endpoint()).ask(test_question()).empty());
}

// Two processes can share a UDP port (SO_REUSEPORT) without noticing; we notice.
TEST_F(ServerTest, AUdpPortThatSomebodyWouldShareIsInUse) {
    const int other = socket(AF_INET, SOCK_DGRAM, 0);
    const int yes = 1;
    setsockopt(other, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(bind(other, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(getsockname(other, reinterpret_cast<sockaddr*>(&address), &size), 0);
    settings_.listen = {loopback(ntohs(address.sin_port))};
    settings_.workers = 2;
    Server server(served_zones(), follower_, settings_);
    const auto started = server.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, ::testing::HasSubstr("(UDP): the port is in use"));
    close(other);
}

TEST_F(ServerTest, AnAddressThatNoInterfaceHasIsAnError) {
    settings_.listen = {{at("192.0.2.1"), 0}};
    Server server(served_zones(), follower_, settings_);
    const auto started = server.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, ::testing::HasSubstr("192.0.2.1:0 (TCP): no interface"));
}

TEST_F(ServerTest, AnInvalidZoneSetIsAnErrorNotAnException) {
    auto set = served_zones();
    set.zones[0].name_servers.clear();
    Server server(set, follower_, settings_);
    const auto started = server.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, ::testing::HasSubstr("zone bl.example: name_servers"));
}

TEST_F(ServerTest, StopsTwiceAndFreesItsPort) {
    start();
    const auto was = endpoint();
    const TcpClient open(was);
    EXPECT_TRUE(open.ask(test_question()));
    server_->stop();
    server_->stop();
    EXPECT_FALSE(open.answer());
    settings_.listen = {was};
    server_ = std::make_unique<Server>(served_zones(), follower_, settings_);
    const auto started = server_->start();
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_FALSE(UdpClient(was).ask(test_question()).empty());
}

} // namespace
} // namespace provenbl::dnsbl::testing
