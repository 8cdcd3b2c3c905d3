// Mail to traps: it is a reason to look at who brought it, never a proof, and leaves the way of tokens as it is.
#include "store/reporters.hpp"
#include "store/reports.hpp"
#include "tests/unit/verifier/store_world.hpp"
#include "verifier/sinks/mail_session.hpp"
#include "verifier/sinks/mail_sink.hpp"
#include "verifier/trap_reports.hpp"

#include <gmock/gmock.h>

namespace provenbl::verifier {
namespace {

using testing::Client;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::StoreWorld;

const Address suspect = Address::v4(127, 0, 0, 10);

class TrapTest : public ::testing::Test {
protected:
    TrapTest() {
        settings.listen = {{Address::v4(127, 0, 0, 1), 0}};
        settings.hostname = "sink.example";
    }
    ~TrapTest() override {
        if (sink) world.on_context([this] { sink.reset(); });
        world.finish(); // before what its coroutines use
    }
    void start() {
        world.on_context([this] {
            traps.emplace(*world.store, world.entropy, *world.gate, world.settings.policy,
                          TrapSettings{{"old@example.net", "@trap.example", "info@probe.example"}, "traps"});
            sink.emplace(world.context.get_executor(), *world.receiver, world.clock, settings, world.settings.identity,
                         &*traps);
            ASSERT_TRUE(sink->start());
            server = sink->bound().at(0);
        });
    }
    Client greeted(const std::string& source = "127.0.0.10") {
        Client client(server, source);
        EXPECT_THAT(client.reply(), StartsWith("220"));
        EXPECT_THAT(client.ask("EHLO suspect.example"), StartsWith("250"));
        return client;
    }
    static std::string send(Client& client, const std::vector<std::string>& recipients,
                            const std::string& sender = "a@b.example") {
        client.ask("RSET");
        EXPECT_THAT(client.ask("MAIL FROM:<" + sender + ">"), StartsWith("250"));
        for (const auto& recipient : recipients) {
            const auto reply = client.ask("RCPT TO:<" + recipient + ">");
            if (!reply.starts_with("250")) return reply;
        }
        EXPECT_THAT(client.ask("DATA"), StartsWith("354"));
        client.say("Subject: buy\r\n\r\nbuy\r\n.\r\n");
        return client.reply();
    }
    std::vector<Report> reports_of(const Address& host) {
        return world.store->read([&](const ReadTxn& txn) { return reports::of(txn, host); });
    }

    StoreWorld world;
    MailSinkSettings settings;
    std::optional<TrapReports> traps;
    std::optional<MailSink> sink;
    Endpoint server;
};

TEST_F(TrapTest, MailToATrapReportsWhoBringsItAndProvesNothing) {
    start();
    auto client = greeted();
    EXPECT_EQ(send(client, {"Old@Example.NET"}), "250 2.0.0 received");
    const auto reports = reports_of(suspect);
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].reporter, "traps");
    EXPECT_EQ(reports[0].comment, "mail to the trap Old@Example.NET");
    const auto host = world.host(suspect);
    ASSERT_TRUE(host);
    EXPECT_NE(host->queued_scan, 0U);
    EXPECT_TRUE(host->holes.empty());
    EXPECT_FALSE(world.listed(suspect));
    EXPECT_EQ(traps->counters().taken, 1U);
    const auto reporter = world.store->read([](const ReadTxn& txn) { return reporters::by_name(txn, "traps"); });
    ASSERT_TRUE(reporter);
    EXPECT_TRUE(reporter->trap) << "counts alone";
}

TEST_F(TrapTest, AFloodIsOneReport) {
    start();
    auto client = greeted();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(send(client, {"x@trap.example", "y@trap.example"}), "250 2.0.0 received");
    const auto reports = reports_of(suspect);
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].count, 10U);
    const auto reporter = world.store->read([](const ReadTxn& txn) { return reporters::by_name(txn, "traps"); });
    ASSERT_TRUE(reporter);
    EXPECT_EQ(reporter->in_hour, 1U) << "what adds nothing uses up nothing";
}

TEST_F(TrapTest, AHostThatManyHaveReportedIsNoTroubleOfOurs) {
    start();
    const auto filled = world.store->write([](WriteTxn& txn) -> Result<> {
        for (std::uint32_t id = 100; id < 100 + reports::most_of_host; ++id) {
            Report report;
            report.host = report.named = suspect;
            report.reporter_id = id;
            if (auto made = reports::file(txn, report); !made) return made.error();
        }
        return {};
    });
    ASSERT_TRUE(filled) << filled.error().message;
    auto client = greeted();
    EXPECT_EQ(send(client, {"old@example.net"}), "250 2.0.0 received") << "or it would come again";
    EXPECT_EQ(traps->counters().refused, 1U);
    EXPECT_EQ(traps->counters().failed, 0U);
}

TEST_F(TrapTest, ABounceIsNoReport) {
    start();
    auto client = greeted();
    EXPECT_EQ(send(client, {"old@example.net"}, ""), "250 2.0.0 received");
    EXPECT_TRUE(reports_of(suspect).empty());
    EXPECT_EQ(traps->counters().bounces, 1U);
}

TEST_F(TrapTest, WhoMayNotBeReportedLearnsNothingOfIt) {
    world.settings.gate.own_networks = {Prefix::parse("127.0.0.0/24").value()};
    world.on_context([this] { world.gate.emplace(*world.store, world.clock, world.settings.gate); });
    start();
    auto client = greeted();
    EXPECT_EQ(send(client, {"old@example.net"}), "250 2.0.0 received");
    EXPECT_TRUE(reports_of(suspect).empty());
    EXPECT_EQ(traps->counters().refused, 1U);
}

TEST_F(TrapTest, TokensGoTheirWay) {
    start();
    auto client = greeted();
    const auto token = world.issue(SinkKind::mail);
    EXPECT_THAT(send(client, {"nobody@example.net"}), StartsWith("550 5.7.1")) << "no trap, no token";
    EXPECT_THAT(send(client, {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@probe.example"}), StartsWith("550 5.1.1"));
    EXPECT_THAT(send(client, {"old@example.net", token.text + "@probe.example"}), HasSubstr("proof"));
    EXPECT_TRUE(world.listed(suspect));
    ASSERT_EQ(reports_of(suspect).size(), 1U);
    EXPECT_THAT(send(client, {"info@probe.example"}), StartsWith("250")) << "a single address may be a trap there";
}

TEST_F(TrapTest, RoutedFormsAreNoTraps) {
    start();
    auto client = greeted();
    EXPECT_THAT(send(client, {"@a.example:old@example.net"}), StartsWith("550"));
}

TEST(TrapSession, AWholeDomainIsNoTrapWhereTokensAreMailedTo) {
    MailSessionRules rules{"sink.example", "probe.example", "abuse@example.net"};
    rules.traps = {"@probe.example"};
    MailSession session(rules, [](std::string_view, SinkKind) -> Result<TokenId> {
        return Error{Errc::invalid, "this is not a token of ours"};
    });
    (void)session.command("EHLO x", false);
    (void)session.command("MAIL FROM:<a@b>", false);
    EXPECT_THAT(session.command("RCPT TO:<x@probe.example>", false).reply, StartsWith("550 5.1.1"));
    EXPECT_TRUE(session.trap().empty());
}

TEST(TrapSession, TroubleOfOursIsTemporary) {
    MailSessionRules rules{"sink.example", "probe.example", "abuse@example.net"};
    rules.traps = {"old@example.net"};
    MailSession session(rules, [](std::string_view, SinkKind) -> Result<TokenId> { return TokenId{}; });
    (void)session.command("EHLO x", false);
    (void)session.command("MAIL FROM:<a@b>", false);
    (void)session.command("RCPT TO:<old@example.net>", false);
    EXPECT_EQ(session.command("DATA", false).next, MailSession::Next::message);
    EXPECT_THAT(session.delivered({}, false, Error{Errc::disk_full, "no room"}).reply, StartsWith("451 4.3.0"));
    EXPECT_THAT(session.command("DATA", false).reply, StartsWith("503")) << "and it is forgotten";
}

} // namespace
} // namespace provenbl::verifier
