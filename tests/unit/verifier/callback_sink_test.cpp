// The callback sink over real sockets: HTTP, lines, silence, and what holds no token.
#include "tests/unit/verifier/store_world.hpp"
#include "verifier/sinks/callback_sink.hpp"
#include "verifier/sinks/listener.hpp"
#include "verifier/wire/callback_request.hpp"

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::StoreWorld;

const Address suspect = Address::v4(127, 0, 0, 10);

class CallbackSinkTest : public ::testing::Test {
protected:
    CallbackSinkTest() {
        settings.listen = {{Address::v4(127, 0, 0, 1), 0}, {Address::v4(127, 0, 0, 1), 0}};
        world.on_context([this] {
            sink.emplace(world.context.get_executor(), *world.receiver, world.clock, settings);
            ASSERT_TRUE(sink->start());
            servers = sink->bound();
        });
    }
    ~CallbackSinkTest() override {
        world.on_context([this] { sink.reset(); });
    }
    [[nodiscard]] std::optional<PendingProbe> probe(const TokenId& id) const {
        return world.store->read([&](const ReadTxn& txn) { return tokens::find(txn, id); });
    }

    StoreWorld world{1}; // clients write one after the other, so a single piece of work may fill the queue
    CallbackSinkSettings settings;
    std::optional<CallbackSink> sink;
    std::vector<Endpoint> servers;
};

TEST_F(CallbackSinkTest, ALineWithATokenGetsTheAnswer) {
    const auto token = world.issue(SinkKind::callback, {suspect, 1080});
    Client client(servers.at(1), "127.0.0.66");
    client.say("NOOP " + token.text + "\r\n");
    EXPECT_EQ(client.line(), "250 " + world.mint->answer_to(token.id));
    EXPECT_EQ(client.rest(), "");
    const auto arrived = probe(token.id);
    EXPECT_TRUE(arrived->arrived);
    EXPECT_EQ(arrived->exit, Address::v4(127, 0, 0, 66));
    EXPECT_EQ(arrived->sink_port, servers.at(1).port);
    EXPECT_EQ(arrived->message, "NOOP " + token.text + "\r\n");
    EXPECT_FALSE(world.listed(suspect)); // the answer must come back first
    EXPECT_EQ(world.receiver->counters().callbacks_accepted, 1U);
}

TEST_F(CallbackSinkTest, TheAnswerThatCameBackListsEntryAndExit) {
    const auto token = world.issue(SinkKind::callback, {suspect, 1080});
    Client client(servers.at(0), "127.0.0.66");
    client.say(token.text + "\n");
    client.line();
    EXPECT_TRUE(world.await(world.receiver->confirm(token.id)));
    EXPECT_EQ(world.host(suspect)->classes(), ClassSet{ListingClass::socks});
    EXPECT_EQ(world.host(Address::v4(127, 0, 0, 66))->classes(), ClassSet{ListingClass::chain});
    EXPECT_FALSE(world.await(world.receiver->confirm(token.id))); // once
}

TEST_F(CallbackSinkTest, AnAnswerNobodyHeardListsNothing) {
    const auto token = world.issue(SinkKind::callback, {suspect, 1080});
    EXPECT_FALSE(world.await(world.receiver->confirm(token.id)));
    EXPECT_FALSE(world.listed(suspect));
}

TEST_F(CallbackSinkTest, AnHttpRequestOfAnyMethodGetsAWholeResponse) {
    for (const std::string method : {"GET", "POST", "PUT"}) {
        const auto token = world.issue(SinkKind::callback, {suspect, 3128});
        Client client(servers.at(0));
        client.say(method + " /some/" + token.text + "?x HTTP/1.1\r\nHost: sink\r\nVia: 1.1 suspect\r\n\r\n");
        const auto response = client.rest();
        EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\n")) << response;
        EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
        EXPECT_TRUE(response.ends_with("\r\n\r\n" + world.mint->answer_to(token.id) + "\n")) << response;
        EXPECT_NE(probe(token.id)->message.find("Via: 1.1 suspect"), std::string::npos);
    }
}

TEST_F(CallbackSinkTest, ATokenMayStandInAHeader) {
    const auto token = world.issue(SinkKind::callback, {suspect, 3128});
    Client client(servers.at(0));
    client.say("GET / HTTP/1.0\r\nX-Token: " + token.text + "\r\n\r\n");
    EXPECT_NE(client.rest().find(world.mint->answer_to(token.id)), std::string::npos);
}

TEST_F(CallbackSinkTest, ALineBeforeTheTokensLineIsPassedOver) {
    const auto token = world.issue(SinkKind::callback, {suspect, 3128});
    Client client(servers.at(0));
    client.say("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nNOOP " + token.text + "\r\n");
    EXPECT_EQ(client.line(), "250 " + world.mint->answer_to(token.id));
}

TEST_F(CallbackSinkTest, WhoWaitsIsGreetedOnce) {
    const auto token = world.issue(SinkKind::callback, {suspect, 1080});
    Client client(servers.at(0));
    EXPECT_EQ(client.line(), "220 provenbl callback");
    client.say("NOOP " + token.text + "\r\n");
    EXPECT_EQ(client.line(), "250 " + world.mint->answer_to(token.id));
}

TEST_F(CallbackSinkTest, NoTokenGetsNothingAndIsCounted) {
    Client http(servers.at(0));
    http.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(http.rest().starts_with("HTTP/1.1 404 "));
    Client line(servers.at(0));
    line.say("NOOP " + std::string(40, 'a') + "\r\n");
    EXPECT_EQ(line.rest(), "");
    Client unknown(servers.at(0));
    unknown.say("GET /" + world.mint->make().text + " HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(unknown.rest().starts_with("HTTP/1.1 404 "));
    EXPECT_EQ(world.receiver->counters().forged, 2U);
    EXPECT_EQ(world.receiver->counters().unknown, 1U);
}

TEST_F(CallbackSinkTest, AMailTokenAnExpiredAndAUsedOneGetNoAnswer) {
    const auto mail = world.issue(SinkKind::mail);
    const auto late = world.issue(SinkKind::callback, {suspect, 1080}, 1min);
    const auto used = world.issue(SinkKind::callback, {suspect, 1080});
    Client first(servers.at(0));
    first.say("NOOP " + used.text + "\r\n");
    EXPECT_EQ(first.line().substr(0, 3), "250");
    EXPECT_TRUE(world.await(world.receiver->confirm(used.id)));
    world.clock.advance(2min);
    for (const auto& token : {mail, late, used}) {
        Client client(servers.at(0));
        client.say("GET /" + token.text + " HTTP/1.1\r\n\r\n");
        const auto response = client.rest();
        EXPECT_TRUE(response.starts_with("HTTP/1.1 404 ")) << response;
        EXPECT_EQ(response.find(world.mint->answer_to(token.id)), std::string::npos);
    }
    EXPECT_EQ(world.receiver->counters().forged, 1U);
    EXPECT_EQ(world.receiver->counters().expired, 1U);
    EXPECT_EQ(world.receiver->counters().used, 1U);
}

TEST_F(CallbackSinkTest, a_sink_that_can_not_record_says_that_it_is_busy) {
    const auto token = world.issue(SinkKind::callback, {suspect, 1080});
    auto release = world.overload();
    Client line(servers.at(0));
    line.say("NOOP " + token.text + "\r\n");
    EXPECT_EQ(line.rest(), "421 busy\r\n");
    Client http(servers.at(0));
    http.say("GET /" + token.text + " HTTP/1.1\r\nHost: sink\r\n\r\n");
    const auto response = http.rest();
    release.set_value();
    EXPECT_TRUE(response.starts_with("HTTP/1.1 503 ")) << response;
    EXPECT_TRUE(response.ends_with("\r\n\r\n421 busy\n")) << response;
    EXPECT_FALSE(probe(token.id)->arrived);
}

TEST_F(CallbackSinkTest, a_full_sink_says_that_it_is_busy) {
    settings.connection_limit = 1;
    std::optional<CallbackSink> small;
    Endpoint server;
    world.on_context([&] {
        small.emplace(world.context.get_executor(), *world.receiver, world.clock, settings);
        ASSERT_TRUE(small->start());
        server = small->bound().at(0);
    });
    {
        Client first(server);
        EXPECT_EQ(first.line(), "220 provenbl callback"); // it is in, and stays
        Client second(server, "127.0.0.66");
        const auto said = second.rest();
        EXPECT_TRUE(said.starts_with("HTTP/1.1 503 ")) << said;
        EXPECT_TRUE(said.ends_with("\n421 busy\n")) << said;
    }
    world.on_context([&] { small.reset(); });
}

TEST(Listener, clients_are_counted_by_address_or_64) {
    const auto network = [](const char* text) { return client_network(Address::parse(text).value()).to_string(); };
    EXPECT_EQ(network("192.0.2.1"), Prefix::parse("192.0.2.1").value().to_string());
    EXPECT_EQ(network("2001:db8:0:1::5"), "2001:db8:0:1::/64");
    EXPECT_EQ(network("2001:db8:0:1:ffff::9"), network("2001:db8:0:1::5"));
    EXPECT_NE(network("2001:db8:0:2::5"), network("2001:db8:0:1::5"));
}

TEST_F(CallbackSinkTest, WhoTalksForEverIsCutOff) {
    Client client(servers.at(0));
    client.say("GET / HTTP/1.1\r\nX: " + std::string(CallbackSink::head_limit, 'x'));
    EXPECT_EQ(client.rest(), "");
}

TEST(CallbackRequest, Form) {
    using wire::callback_form;
    using wire::CallbackForm;
    EXPECT_EQ(callback_form(""), CallbackForm::incomplete);
    EXPECT_EQ(callback_form("NOOP x"), CallbackForm::incomplete);
    EXPECT_EQ(callback_form("NOOP x\n"), CallbackForm::line);
    EXPECT_EQ(callback_form("GET / HTTP/1.1\r\n"), CallbackForm::incomplete);
    EXPECT_EQ(callback_form("GET / HTTP/1.1\r\nA: b\r\n\r\n"), CallbackForm::http);
    EXPECT_EQ(callback_form("GET / HTTP/1.0\n\n"), CallbackForm::http);
    EXPECT_EQ(callback_form("GET /\r\n\r\n"), CallbackForm::line);
    EXPECT_EQ(callback_form("\r\n"), CallbackForm::line);
}

} // namespace
} // namespace provenbl::verifier
