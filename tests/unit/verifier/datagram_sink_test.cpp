// The callback sink for datagrams, over real sockets. That something gets no answer is seen by the answer to what was
// said behind it: one socket's datagrams are worked on in order.
#include "tests/unit/verifier/store_world.hpp"
#include "verifier/sinks/datagram_sink.hpp"
#include "verifier/wire/callback_request.hpp"

#include <boost/asio/ip/udp.hpp>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::udp;
using testing::StoreWorld;

const Address suspect = Address::v4(127, 0, 0, 10);

class Sender {
public:
    explicit Sender(const Endpoint& server, const std::string& source = "127.0.0.66")
        : socket_(context_, {boost::asio::ip::make_address(source), 0}) {
        socket_.connect({boost::asio::ip::make_address(server.address.to_string()), server.port});
    }
    void say(std::string_view datagram) { socket_.send(boost::asio::buffer(datagram.data(), datagram.size())); }
    std::string hear() {
        std::array<char, 2048> buffer{};
        return {buffer.data(), socket_.receive(boost::asio::buffer(buffer))};
    }
    [[nodiscard]] std::size_t waiting() const { return socket_.available(); }

private:
    boost::asio::io_context context_;
    udp::socket socket_;
};

class DatagramSinkTest : public ::testing::Test {
protected:
    DatagramSinkTest() { start({{Address::v4(127, 0, 0, 1), 0}}); }
    ~DatagramSinkTest() override {
        world.on_context([this] { sink.reset(); });
    }
    void start(std::vector<Endpoint> listen) {
        settings.listen = std::move(listen);
        world.on_context([this] {
            sink.emplace(world.context.get_executor(), *world.receiver, world.clock, settings);
            ASSERT_TRUE(sink->start());
            server = sink->bound().at(0);
        });
    }
    TokenMint::Token issue(SinkKind kind = SinkKind::datagram, Duration life = 1h) {
        return world.issue(kind, {suspect, 1080}, life);
    }
    [[nodiscard]] std::optional<PendingProbe> probe(const TokenId& id) const {
        return world.store->read([&](const ReadTxn& txn) { return tokens::find(txn, id); });
    }
    // What came first: whatever was said before got nothing.
    void expect_first_answer(Sender& sender, const TokenMint::Token& last) {
        sender.say(last.text);
        EXPECT_EQ(sender.hear(), world.mint->answer_to(last.id));
        EXPECT_EQ(sender.waiting(), 0U);
    }

    StoreWorld world{1};
    CallbackSinkSettings settings;
    std::optional<DatagramSink> sink;
    Endpoint server;
};

TEST_F(DatagramSinkTest, ATokenGetsTheAnswerAndNoByteMoreThanItSent) {
    const auto token = issue();
    Sender sender(server);
    for (const auto& datagram : {"NOOP " + token.text + "\r\n", token.text, token.text + "\n"}) {
        sender.say(datagram);
        const auto answer = sender.hear();
        EXPECT_EQ(answer, world.mint->answer_to(token.id));
        EXPECT_LE(answer.size(), datagram.size());
    }
    const auto arrived = probe(token.id);
    EXPECT_TRUE(arrived->arrived);
    EXPECT_EQ(arrived->exit, Address::v4(127, 0, 0, 66));
    EXPECT_EQ(arrived->sink_port, server.port);
    EXPECT_EQ(arrived->message, "NOOP " + token.text + "\r\n");
    EXPECT_FALSE(world.listed(suspect)) << "the answer must come back first";
    EXPECT_TRUE(world.await(world.receiver->confirm(token.id)));
    EXPECT_TRUE(world.listed(suspect));
}

TEST_F(DatagramSinkTest, WhatHoldsNoTokenGetsNothing) {
    Sender sender(server);
    const auto token = issue();
    sender.say("");
    sender.say("NOOP " + std::string(40, 'a') + "\r\n");
    sender.say("GET /" + token.text + " HTTP/1.1\r\n\r\n");
    sender.say(token.text + std::string(DatagramSink::datagram_limit, '\n'));
    sender.say(world.mint->make().text); // never issued
    sender.say(issue(SinkKind::callback).text);
    sender.say(issue(SinkKind::mail).text);
    expect_first_answer(sender, issue());
    EXPECT_EQ(world.receiver->counters().forged, 6U);
    EXPECT_EQ(world.receiver->counters().unknown, 1U);
    EXPECT_FALSE(probe(token.id)->arrived);
}

TEST_F(DatagramSinkTest, AnExpiredAndAUsedTokenGetNothing) {
    Sender sender(server);
    const auto late = issue(SinkKind::datagram, 1min);
    const auto used = issue();
    sender.say(used.text);
    EXPECT_EQ(sender.hear(), world.mint->answer_to(used.id));
    EXPECT_TRUE(world.await(world.receiver->confirm(used.id)));
    world.clock.advance(2min);
    sender.say(late.text);
    sender.say(used.text);
    expect_first_answer(sender, issue());
    EXPECT_EQ(world.receiver->counters().expired, 1U);
    EXPECT_EQ(world.receiver->counters().used, 1U);
}

// A suspect that forges a source could else have somebody else taken for its exit: whoever the store keeps as the exit
// is the only one who hears the answer.
TEST_F(DatagramSinkTest, TheAnswerGoesToTheExitAlone) {
    const auto token = issue();
    const auto last = issue(); // now: the queue of this store is short
    Sender forged(server, "127.0.0.77");
    forged.say(token.text);
    EXPECT_EQ(forged.hear(), world.mint->answer_to(token.id));
    Sender sender(server);
    sender.say(token.text);
    expect_first_answer(sender, last);
    EXPECT_EQ(probe(token.id)->exit, Address::v4(127, 0, 0, 77));
}

TEST_F(DatagramSinkTest, ASinkThatCanNotRecordSaysThatItIsBusy) {
    const auto token = issue();
    Sender sender(server);
    auto release = world.overload();
    sender.say(token.text);
    EXPECT_EQ(sender.hear(), "421 busy");
    release.set_value();
    EXPECT_FALSE(probe(token.id)->arrived);
}

// A relay takes an answer only from the address that it sent to.
TEST_F(DatagramSinkTest, BehindAWildcardTheAnswerComesFromTheAddressThatWasAsked) {
    world.on_context([this] { sink.reset(); });
    start({{Address::v4(0), 0}});
    const auto token = issue();
    Sender sender({Address::v4(127, 0, 0, 44), server.port}); // connected: hears that address alone
    sender.say(token.text);
    EXPECT_EQ(sender.hear(), world.mint->answer_to(token.id));
}

TEST_F(DatagramSinkTest, APortThatIsTakenIsNamed) {
    world.on_context([this] {
        settings.listen = {server};
        DatagramSink second(world.context.get_executor(), *world.receiver, world.clock, settings);
        const auto refused = second.start();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::conflict);
        EXPECT_NE(refused.error().message.find(server.to_string()), std::string::npos);
        EXPECT_NE(refused.error().message.find("callback_sink.listen"), std::string::npos);
    });
}

TEST(DatagramToken, StandsAloneInItsDatagram) {
    const auto token = [](std::string_view text) { return std::string(wire::datagram_token(text, 4)); };
    EXPECT_EQ(token("abcd"), "abcd");
    EXPECT_EQ(token("NOOP abcd\r\n"), "abcd");
    EXPECT_EQ(token("abcd\n"), "abcd");
    for (const auto* text : {"", "NOOP ", "\r\n", "abc", "abcde", " abcd", "NOOP NOOP abcd", "NOOP abcd x"})
        EXPECT_EQ(token(text), "") << text;
}

} // namespace
} // namespace provenbl::verifier
