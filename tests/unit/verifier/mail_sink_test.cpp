// The mail sink over real sockets and a real store: what it takes, and everything that it does not.
#include "tests/unit/verifier/store_world.hpp"
#include "verifier/sinks/mail_sink.hpp"

#include <fmt/format.h>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::StoreWorld;

class MailSinkTest : public ::testing::Test {
protected:
    MailSinkTest() {
        settings.listen = {{Address::v4(127, 0, 0, 1), 0}};
        settings.hostname = "sink.example";
    }
    ~MailSinkTest() override { stop(); }

    void start() {
        world.on_context([this] {
            sink.emplace(world.context.get_executor(), *world.receiver, world.clock, settings, world.settings.identity);
            const auto started = sink->start();
            ASSERT_TRUE(started) << started.error().message;
            server = sink->bound().at(0);
        });
    }
    void stop() {
        if (!sink) return;
        world.on_context([this] { sink.reset(); });
    }
    Client greeted(const std::string& source = "127.0.0.10") {
        Client client(server, source);
        EXPECT_EQ(client.reply(), "220 sink.example ESMTP provenbl sink");
        EXPECT_EQ(client.ask("EHLO suspect.example"), "250 ENHANCEDSTATUSCODES");
        return client;
    }
    static std::string mail_to(Client& client, const std::string& recipient) {
        EXPECT_EQ(client.ask("RSET").substr(0, 3), "250");
        EXPECT_EQ(client.ask("MAIL FROM:<probe@probe.example>").substr(0, 3), "250");
        return client.ask("RCPT TO:<" + recipient + ">");
    }
    static std::string send(Client& client, const std::string& message) {
        EXPECT_EQ(client.ask("DATA").substr(0, 3), "354");
        client.say(message + "\r\n.\r\n");
        return client.reply();
    }

    StoreWorld world{1}; // clients write one after the other, so a single piece of work may fill the queue
    MailSinkSettings settings;
    std::optional<MailSink> sink;
    Endpoint server;
};

const Address suspect = Address::v4(127, 0, 0, 10);

TEST_F(MailSinkTest, ATokenListsTheHostAndKeepsTheMessageAsItArrived) {
    start();
    const auto token = world.issue(SinkKind::mail);
    auto client = greeted();
    EXPECT_EQ(mail_to(client, token.text + "@probe.example").substr(0, 3), "250");
    EXPECT_EQ(send(client, "Received: from a by b\r\n\r\n..stuffed").substr(0, 3), "250");
    EXPECT_EQ(client.ask("QUIT").substr(0, 3), "221");
    EXPECT_EQ(client.rest(), "");

    const auto host = world.host(suspect);
    ASSERT_TRUE(host);
    ASSERT_EQ(host->holes.size(), 1U);
    EXPECT_EQ(host->holes[0].technique, "smtp-relay/plain");
    EXPECT_TRUE(world.listed(suspect));
    const auto evidence =
        world.store->read([&](const ReadTxn& txn) { return hosts::evidence(txn, suspect, host->case_id); });
    ASSERT_EQ(evidence.size(), 1U);
    EXPECT_EQ(evidence[0].exit, suspect);
    EXPECT_EQ(evidence[0].sink_port, server.port);
    EXPECT_EQ(evidence[0].message, "Received: from a by b\r\n\r\n.stuffed\r\n");
    EXPECT_EQ(world.receiver->counters().mail_accepted, 1U);
}

TEST_F(MailSinkTest, AnotherExitIsListedAsChain) {
    start();
    const auto token = world.issue(SinkKind::mail);
    auto client = greeted("127.0.0.66");
    EXPECT_EQ(mail_to(client, token.text + "@PROBE.example").substr(0, 3), "250");
    EXPECT_EQ(send(client, "x").substr(0, 3), "250");
    const auto exit = world.host(Address::v4(127, 0, 0, 66));
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->classes(), ClassSet{ListingClass::chain});
    EXPECT_EQ(exit->holes.at(0).entry, suspect);
    EXPECT_EQ(world.host(suspect)->classes(), ClassSet{ListingClass::relay});
}

TEST_F(MailSinkTest, AForgedAnUnknownAnExpiredAndAUsedTokenAreRefusedAndCounted) {
    start();
    const auto used = world.issue(SinkKind::mail);
    const auto late = world.issue(SinkKind::mail, {suspect, 25}, 1min);
    const auto unknown = world.mint->make();
    auto forged = world.mint->make().text;
    forged.back() = forged.back() == 'a' ? 'b' : 'a';
    auto client = greeted();
    EXPECT_EQ(mail_to(client, used.text + "@probe.example").substr(0, 3), "250");
    EXPECT_EQ(send(client, "x").substr(0, 3), "250");
    world.clock.advance(2min);

    EXPECT_EQ(mail_to(client, forged + "@probe.example"), "550 5.1.1 this is not a token of ours");
    EXPECT_EQ(mail_to(client, unknown.text + "@probe.example"),
              "550 5.1.1 this token was never issued, or has been forgotten since");
    EXPECT_EQ(mail_to(client, late.text + "@probe.example"), "550 5.7.1 this token has expired");
    EXPECT_EQ(mail_to(client, used.text + "@probe.example"), "550 5.7.1 this token has been used");
    EXPECT_EQ(client.ask("DATA"), "554 5.5.1 no valid recipients");

    const auto& counters = world.receiver->counters();
    EXPECT_EQ(counters.forged, 1U);
    EXPECT_EQ(counters.unknown, 1U);
    EXPECT_EQ(counters.expired, 1U);
    EXPECT_EQ(counters.used, 1U);
    EXPECT_EQ(counters.mail_accepted, 1U);
}

TEST_F(MailSinkTest, OnlyTheExactRecipientCounts) {
    start();
    const auto token = world.issue(SinkKind::mail).text;
    auto client = greeted();
    for (const auto& recipient :
         {token + "@other.example", "@a.example:" + token + "@probe.example", token + "%probe.example@probe.example",
          "\"" + token + "+x\"@probe.example", token + "@probe.example..", token, token + "+x@probe.example",
          token + "@mx.probe.example", token + "@[127.0.0.1]", "probe.example!" + token + "@probe.example",
          std::string()}) {
        EXPECT_EQ(mail_to(client, recipient).substr(0, 3), "550") << recipient;
    }
    EXPECT_EQ(mail_to(client, "probe@probe.example"), "550 5.1.1 bounces are not collected");
    EXPECT_EQ(mail_to(client, "Postmaster@probe.example"),
              "550 5.1.1 nobody reads mail here, write to abuse@example.net");
    EXPECT_FALSE(world.listed(suspect));
    // And the token is still good.
    EXPECT_EQ(mail_to(client, token + "@probe.example").substr(0, 3), "250");
}

// Other ways to write the same mailbox (RFC 5321 4.1.2, and DNS's dot at the end), and the sink's other names: a relay
// that falls for such a form hands it on as it is.
TEST_F(MailSinkTest, TheSameMailboxWrittenOtherwiseCounts) {
    world.settings.identity.mail_exchanger = "mx.probe.example";
    world.settings.identity.mail_addresses = {Address::v4(127, 0, 0, 1), Address::parse("2001:db8::25").value()};
    start();
    auto client = greeted();
    for (const auto* form : {"\"{}\"@probe.example", "{}@probe.example.", "{}@MX.probe.example", "{}@[127.0.0.1]",
                             "{}@[IPv6:2001:db8::25]"}) {
        const auto token = world.issue(SinkKind::mail).text;
        EXPECT_EQ(mail_to(client, fmt::format(fmt::runtime(form), token)).substr(0, 3), "250") << form;
        EXPECT_EQ(send(client, "x").substr(0, 3), "250") << form;
    }
    EXPECT_EQ(world.receiver->counters().mail_accepted, 5U);
}

// As a proxy does it that is asked to POST a mail to us.
TEST_F(MailSinkTest, AMailBehindAnHttpHeadCounts) {
    start();
    const auto token = world.issue(SinkKind::mail);
    Client client(server, "127.0.0.10");
    client.say("POST / HTTP/1.1\r\nHost: 198.51.100.25:25\r\nUser-Agent: x\r\nContent-Type: text/plain\r\n"
               "Content-Length: 500\r\nVia: 1.1 proxy\r\nX-Forwarded-For: 192.0.2.1\r\nCache-Control: max-age=0\r\n"
               "Connection: keep-alive\r\n\r\n");
    client.say("EHLO us\r\nMAIL FROM:<probe@probe.example>\r\nRCPT TO:<" + token.text +
               "@probe.example>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n");
    EXPECT_NE(client.rest().find("250 2.0.0 received"), std::string::npos);
    EXPECT_TRUE(world.listed(suspect));
}

TEST_F(MailSinkTest, ATokenOfATunnelIsNoRecipient) {
    start();
    const auto token = world.issue(SinkKind::callback);
    auto client = greeted();
    EXPECT_EQ(mail_to(client, token.text + "@probe.example").substr(0, 3), "550");
    EXPECT_EQ(world.receiver->counters().forged, 1U);
}

TEST_F(MailSinkTest, ANullSenderToATokenIsProof) {
    start();
    const auto token = world.issue(SinkKind::mail);
    auto client = greeted();
    EXPECT_EQ(client.ask("MAIL FROM:<> SIZE=1000 BODY=8BITMIME").substr(0, 3), "250");
    EXPECT_EQ(client.ask("RCPT TO:<" + token.text + "@probe.example>").substr(0, 3), "250");
    EXPECT_EQ(send(client, "x").substr(0, 3), "250");
    EXPECT_TRUE(world.listed(suspect));
}

TEST_F(MailSinkTest, SeveralTokensInOneMailAreEachRedeemed) {
    start();
    const auto one = world.issue(SinkKind::mail, {suspect, 25});
    const auto two = world.issue(SinkKind::mail, {Address::v4(127, 0, 0, 11), 25});
    auto client = greeted();
    EXPECT_EQ(mail_to(client, one.text + "@probe.example").substr(0, 3), "250");
    EXPECT_EQ(client.ask("RCPT TO:<" + two.text + "@probe.example>").substr(0, 3), "250");
    EXPECT_EQ(client.ask("RCPT TO:<" + two.text + "@probe.example>").substr(0, 3), "250"); // said twice, counts once
    EXPECT_EQ(send(client, "x").substr(0, 3), "250");
    EXPECT_TRUE(world.listed(suspect));
    EXPECT_TRUE(world.listed(Address::v4(127, 0, 0, 11)));
    EXPECT_EQ(world.receiver->counters().mail_accepted, 2U);
}

TEST_F(MailSinkTest, ATokenIsValidAfterARestart) {
    const auto token = world.issue(SinkKind::mail);
    world.reopen();
    start();
    auto client = greeted();
    EXPECT_EQ(mail_to(client, token.text + "@probe.example").substr(0, 3), "250");
    EXPECT_EQ(send(client, "x").substr(0, 3), "250");
    EXPECT_TRUE(world.listed(suspect));
}

TEST_F(MailSinkTest, AnExcludedHostIsNotListedAlthoughItsTokenCameBack) {
    start();
    const auto token = world.issue(SinkKind::mail);
    world.write([&](WriteTxn& txn) {
        Exclusion exclusion;
        exclusion.prefix = Prefix::of(suspect, 32);
        exclusion.reason = "asked to be";
        exclusion.by = "operator";
        exclusion.created = txn.now;
        EXPECT_TRUE(ledger::exclude(txn, exclusion));
    });
    auto client = greeted();
    EXPECT_EQ(mail_to(client, token.text + "@probe.example").substr(0, 3), "250");
    EXPECT_EQ(send(client, "x").substr(0, 3), "250");
    EXPECT_FALSE(world.listed(suspect));
    const auto probe = world.store->read([&](const ReadTxn& txn) { return tokens::find(txn, token.id); });
    EXPECT_TRUE(probe->arrived);
}

TEST_F(MailSinkTest, a_tunnel_that_can_not_be_recorded_hears_421) {
    start();
    const auto token = world.issue(SinkKind::callback, {suspect, 1080});
    auto client = greeted();
    auto release = world.overload();
    const auto reply = client.ask("NOOP " + token.text);
    const auto rest = client.rest();
    release.set_value();
    EXPECT_EQ(reply, "421 4.3.0 the sink can't record this now, closing");
    EXPECT_EQ(rest, "");
}

TEST_F(MailSinkTest, ATunnelThatReachesTheMailPortGetsItsAnswer) {
    start();
    const auto token = world.issue(SinkKind::callback, {suspect, 1080});
    Client client(server);
    client.reply();
    EXPECT_EQ(client.ask("NOOP " + token.text), "250 " + world.mint->answer_to(token.id));
    EXPECT_EQ(client.ask("NOOP " + world.mint->make().text).substr(0, 3), "550");
    EXPECT_EQ(client.ask("NOOP anything"), "250 2.0.0 ok");
    const auto probe = world.store->read([&](const ReadTxn& txn) { return tokens::find(txn, token.id); });
    EXPECT_TRUE(probe->arrived);
    EXPECT_EQ(probe->sink_port, server.port);
    EXPECT_FALSE(world.listed(suspect)); // until the probe has seen the answer
}

TEST_F(MailSinkTest, TheDialogueKeepsItsOrder) {
    start();
    Client client(server);
    client.reply();
    EXPECT_EQ(client.ask("MAIL FROM:<a@b>").substr(0, 3), "503");
    EXPECT_EQ(client.ask("HELO").substr(0, 3), "501");
    EXPECT_EQ(client.ask("HELO suspect").substr(0, 3), "250");
    EXPECT_EQ(client.ask("RCPT TO:<a@b>").substr(0, 3), "503");
    EXPECT_EQ(client.ask("DATA").substr(0, 3), "503");
    EXPECT_EQ(client.ask("MAIL FROM:a@b").substr(0, 3), "501");
    EXPECT_EQ(client.ask("MAIL FROM:<a@b> SIZE=99999999999999999999999").substr(0, 3), "552");
    EXPECT_EQ(client.ask("MAIL FROM:<a@b> AUTH=<>").substr(0, 3), "555");
    EXPECT_EQ(client.ask("MAIL FROM:<a@b>").substr(0, 3), "250");
    EXPECT_EQ(client.ask("MAIL FROM:<a@b>").substr(0, 3), "503");
    EXPECT_EQ(client.ask("VRFY a").substr(0, 3), "252");
    EXPECT_EQ(client.ask("EXPN a").substr(0, 3), "502");
    EXPECT_EQ(client.ask("HELP").substr(0, 3), "214");
    EXPECT_EQ(client.ask("STARTTLS").substr(0, 3), "500");
    EXPECT_EQ(client.ask("RSET").substr(0, 3), "250");
    EXPECT_EQ(client.ask("RCPT TO:<a@b>").substr(0, 3), "503");
}

TEST_F(MailSinkTest, PipelinedCommandsAreAnsweredInOrder) {
    start();
    const auto token = world.issue(SinkKind::mail);
    auto client = greeted();
    client.say("MAIL FROM:<a@b>\r\nRCPT TO:<" + token.text + "@probe.example>\r\nDATA\r\n");
    EXPECT_EQ(client.reply().substr(0, 3), "250");
    EXPECT_EQ(client.reply().substr(0, 3), "250");
    EXPECT_EQ(client.reply().substr(0, 3), "354");
    client.say("x\r\n.\r\nQUIT\r\n");
    EXPECT_EQ(client.reply().substr(0, 3), "250");
    EXPECT_EQ(client.reply().substr(0, 3), "221");
}

TEST_F(MailSinkTest, AMessageThatIsTooLongIsNoProof) {
    settings.message_limit = 1000;
    start();
    const auto token = world.issue(SinkKind::mail);
    auto client = greeted();
    EXPECT_EQ(mail_to(client, token.text + "@probe.example").substr(0, 3), "250");
    EXPECT_EQ(send(client, std::string(2000, 'x')).substr(0, 3), "552");
    EXPECT_FALSE(world.listed(suspect));
}

TEST_F(MailSinkTest, WhoTalksForEverIsCutOff) {
    settings.message_limit = 1000;
    start();
    Client client(server);
    client.reply();
    client.say(std::string(16 * settings.message_limit, 'x'));
    EXPECT_EQ(client.reply().substr(0, 3), "421");
    EXPECT_EQ(client.rest(), "");
}

TEST_F(MailSinkTest, TooManyCommandsAndTooLongLinesEndTheSession) {
    settings.command_limit = 5;
    start();
    auto client = greeted();
    EXPECT_EQ(client.ask(std::string(2000, 'N')).substr(0, 3), "500");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.ask("NOOP").substr(0, 3), "250");
    EXPECT_EQ(client.ask("NOOP").substr(0, 3), "421");
    EXPECT_EQ(client.line(), "<closed>");
}

TEST_F(MailSinkTest, AnotherProtocolEndsAfterSomeLines) {
    start();
    Client client(server);
    client.reply();
    for (int i = 0; i < 23; ++i) EXPECT_EQ(client.ask("GET / HTTP/1.1").substr(0, 3), "500");
    EXPECT_EQ(client.ask("Host: x").substr(0, 3), "421");
}

TEST_F(MailSinkTest, WhoSaysNothingIsToldAndCutOff) {
    settings.command_timeout = 50ms;
    start();
    Client client(server);
    client.reply();
    EXPECT_EQ(client.reply().substr(0, 3), "421");
    EXPECT_EQ(client.line(), "<closed>");
}

TEST_F(MailSinkTest, ConnectionsAreBoundedPerClientAndInTotal) {
    settings.connections_per_client = 1;
    settings.connection_limit = 2;
    start();
    Client one(server, "127.0.0.10");
    EXPECT_EQ(one.reply().substr(0, 3), "220");
    Client one_more(server, "127.0.0.10");
    EXPECT_EQ(one_more.reply().substr(0, 3), "421");
    Client two(server, "127.0.0.11");
    EXPECT_EQ(two.reply().substr(0, 3), "220");
    Client three(server, "127.0.0.12");
    EXPECT_EQ(three.reply().substr(0, 3), "421");
}

TEST_F(MailSinkTest, APortInUseIsNamed) {
    start();
    settings.listen = {server};
    world.on_context([this] {
        MailSink second(world.context.get_executor(), *world.receiver, world.clock, settings, world.settings.identity);
        const auto refused = second.start();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::conflict);
        EXPECT_NE(refused.error().message.find(server.to_string()), std::string::npos);
    });
}

TEST_F(MailSinkTest, StoppingEndsOpenSessions) {
    start();
    auto client = greeted();
    stop();
    world.finish(); // returns only when the session has ended
    EXPECT_EQ(client.line(), "<closed>");
}

} // namespace
} // namespace provenbl::verifier
