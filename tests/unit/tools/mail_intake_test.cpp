// Reports by mail, from the pipe's end over real LMTP into a real store; whose word they are, and what refuses them.
#include "store/reporters.hpp"
#include "store/reports.hpp"
#include "tests/unit/tools/api_fixture.hpp"
#include "tools/cli/report_mail.hpp"
#include "tools/daemon/mail_intake.hpp"
#include "tools/metrics/metrics.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <future>
#include <sstream>
#include <sysexits.h>

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view known_host = "5.6.7.8";

std::string forwarded(std::string_view address = known_host) {
    return fmt::format("From: user@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
                       "Content-Type: message/rfc822\n\nReceived: from x (unknown [{}]) by mx.example.org (Postfix)\n"
                       "Subject: buy\n\nbuy\n--b--\n",
                       address);
}

class MailIntakeTest : public ApiFixture {
protected:
    MailIntakeTest() {
        auto& mail = configuration.intake_mail;
        mail.socket = directory.path() / "lmtp.sock";
        mail.listen = {{Address::v4(127, 0, 0, 1), 0}};
        mail.addresses = {{"spam@bl.example", "desk", false}, {"junk@bl.example", "junk", true}};
        mail.trusted_names = {"mx.example.org"};
        mail.message_limit = 20'000;
        mail.connection_limit = 2;
    }
    void start() {
        intake.emplace(context);
        const auto started = intake->start();
        ASSERT_TRUE(started) << started.error().message;
    }
    // The exit status of `provenbl report --mail`; what it prints is in `out` and `err`.
    int pipe(const std::string& text, const std::string& to = "spam@bl.example", std::string where = {}) {
        if (where.empty()) where = "unix:" + configuration.intake_mail.socket.string();
        out.str("");
        err.str("");
        cli::Terminal terminal{out, err, false, 0};
        std::istringstream mail{text};
        return static_cast<int>(cli::report_mail(terminal, {where, to}, mail, false));
    }
    std::vector<Report> reports_of(const Address& address) {
        return store->read([&](const ReadTxn& txn) { return reports::of(txn, address); });
    }
    std::uint64_t counted(std::string_view kind, std::string_view outcome) {
        for (const auto& one : intake->counts()) {
            if (one.kind == kind && one.outcome == outcome) return one.count;
        }
        return 999;
    }

    std::optional<MailIntake> intake;
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(MailIntakeTest, AForwardedSpamIsAReportOfItsReporter) {
    start();
    ASSERT_EQ(pipe(forwarded()), EX_OK) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("reported: 5.6.7.8"));
    const auto reports = reports_of(suspect);
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].reporter, "desk");
    EXPECT_NE(host(suspect)->queued_scan, 0U) << "a visit, and nothing else";
    EXPECT_FALSE(listing(suspect));
    EXPECT_EQ(counted("forwarded", "taken"), 1U);
    metrics::Page page;
    metrics::tell_mails(page, intake->counts());
    EXPECT_THAT(page.text(), HasSubstr(R"(provenbl_report_mails_total{kind="forwarded",outcome="taken"} 1)"));
}

TEST_F(MailIntakeTest, TheSameAgainIsOneReport) {
    start();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(pipe(forwarded()), EX_OK);
    const auto reports = reports_of(suspect);
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].count, 3U);
}

TEST_F(MailIntakeTest, SpamItselfIsReadWhereThatIsMeant) {
    start();
    const std::string spam =
        "From x@y Sat Nov 28\nReceived: from x ([5.6.7.8]) by mx.example.org\nSubject: buy\n\nbuy\n";
    EXPECT_EQ(pipe(spam, "junk@bl.example"), EX_OK) << err.str();
    EXPECT_EQ(reports_of(suspect).at(0).reporter, "junk");
    EXPECT_EQ(pipe(spam), EX_DATAERR) << "its sender might be who reports";
    EXPECT_THAT(err.str(), HasSubstr("forward the spam as an attachment"));
    EXPECT_EQ(counted("none", "refused"), 1U);
}

TEST_F(MailIntakeTest, RulesRefuseAsEverywhere) {
    configuration.verifier.gate.own_networks = {*Prefix::parse("5.6.0.0/16")};
    verifier::Gate strict{*store, clock, configuration.verifier.gate};
    api::Context own{*store, clock, configuration, strict, mint, [] { return boost::json::object{}; }, entropy};
    intake.emplace(own);
    ASSERT_TRUE(intake->start());
    EXPECT_EQ(pipe(forwarded()), EX_NOPERM);
    EXPECT_THAT(err.str(), HasSubstr("5.6.7.8"));
    EXPECT_EQ(pipe(forwarded("192.168.1.1")), EX_NOPERM) << "special-purpose";
    ASSERT_LT(as_operator("POST", "/v1/exclusions", R"({"prefix": "9.9.9.0/24", "reason": "asked"})").status, 300U);
    EXPECT_EQ(pipe(forwarded("9.9.9.9")), EX_NOPERM);
    EXPECT_EQ(counted("forwarded", "refused"), 3U);
    EXPECT_FALSE(host(suspect));
    intake.reset();
}

TEST_F(MailIntakeTest, NothingIsSentBackWhereThatIsNotWanted) {
    configuration.intake_mail.bounce = false;
    start();
    EXPECT_EQ(pipe("Subject: hello\n\nhello\n"), EX_OK);
    EXPECT_THAT(out.str(), HasSubstr("no report was made"));
    EXPECT_EQ(counted("none", "refused"), 1U);
}

TEST_F(MailIntakeTest, BeyondTheLimitsIsLater) {
    start();
    ASSERT_EQ(pipe(forwarded()), EX_OK);
    ASSERT_EQ(as_operator("PATCH", "/v1/reporters/desk", R"({"per_hour": 1})").status, 200U);
    EXPECT_EQ(pipe(forwarded("5.6.7.9")), EX_TEMPFAIL);
    EXPECT_THAT(err.str(), HasSubstr("the next can be taken at"));
    clock.advance(1h);
    EXPECT_EQ(pipe(forwarded("5.6.7.9")), EX_OK);
}

TEST_F(MailIntakeTest, AShutdownIsLaterAndARevokedReporterIsNot) {
    start();
    ASSERT_EQ(pipe(forwarded()), EX_OK);
    ASSERT_LT(as_operator("POST", "/v1/shutdown", R"({"note": "moving house"})").status, 300U);
    EXPECT_EQ(pipe(forwarded()), EX_TEMPFAIL);
    ASSERT_LT(as_operator("POST", "/v1/resume", R"({"note": "back"})").status, 300U);
    ASSERT_EQ(as_operator("DELETE", "/v1/reporters/desk").status, 200U);
    EXPECT_EQ(pipe(forwarded()), EX_NOPERM);
    EXPECT_THAT(err.str(), HasSubstr("revoked"));
}

TEST_F(MailIntakeTest, NobodyHasTheReportersKey) {
    start();
    ASSERT_EQ(pipe(forwarded()), EX_OK);
    const auto record = store->read([](const ReadTxn& txn) { return reporters::by_name(txn, "desk"); });
    ASSERT_TRUE(record);
    EXPECT_EQ(record->key_hash.size(), 32U);
    EXPECT_FALSE(record->trap);
    EXPECT_EQ(record->received, 1U);
}

TEST_F(MailIntakeTest, AMailToTwoAddressesOfOneReporterIsFiledOnce) {
    configuration.intake_mail.addresses.push_back({"abuse@bl.example", "desk", false});
    start();
    boost::asio::io_context io;
    const auto deliver = [&](std::vector<std::string> recipients) {
        auto replies =
            boost::asio::co_spawn(io, intake->deliver(std::move(recipients), forwarded()), boost::asio::use_future);
        io.run();
        io.restart();
        return replies.get();
    };
    const auto replies = deliver({"spam@bl.example", "ABUSE@bl.example", "junk@bl.example", "spam@bl.example"});
    std::vector<unsigned> codes;
    for (const auto& reply : replies) codes.push_back(reply.code);
    EXPECT_THAT(codes, ElementsAre(250, 250, 550, 250)) << "junk's own header says nothing";
    EXPECT_EQ(reports_of(suspect).at(0).count, 1U);
}

TEST_F(MailIntakeTest, SpamFromClosedHostsNeverShutsAnAddress) {
    start();
    ASSERT_EQ(pipe(forwarded("5.6.7.9")), EX_OK);
    ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
        const auto id = reporters::by_name(txn, "desk")->id;
        for (int i = 0; i < 10; ++i) reporters::judge(txn, id, false);
        return {};
    }));
    EXPECT_EQ(pipe(forwarded()), EX_OK) << err.str();
    const auto scan = host(suspect)->queued_scan;
    ASSERT_NE(scan, 0U) << "it alone brings a visit";
    EXPECT_EQ(host(suspect)->due, clock.now() + configuration.verifier.policy.low_trust_delay);
}

TEST_F(MailIntakeTest, AddressesDoNotAgreeWithEachOther) {
    configuration.verifier.policy.reports_needed = 2;
    configuration.intake_mail.addresses.push_back({"abuse@bl.example", "abuse", false});
    start();
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(pipe(forwarded()), EX_OK) << err.str();
        EXPECT_EQ(pipe(forwarded(), "abuse@bl.example"), EX_OK) << err.str();
    }
    EXPECT_EQ(reports_of(suspect).size(), 2U);
    const auto queued = [&] {
        const auto known = host(suspect);
        return known && known->queued_scan != 0;
    };
    EXPECT_FALSE(queued()) << "whoever wrote to one could write to both";
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        Reporter alice;
        alice.name = "alice";
        alice.key_hash = std::string(32, 'a');
        const auto made = reporters::add(txn, alice);
        if (!made) return made.error();
        Report report;
        report.host = suspect;
        verifier::FiledReport filed;
        return verifier::file_report(txn, gate, configuration.verifier.policy, *made, report, filed);
    }));
    EXPECT_TRUE(queued()) << "one with a key agrees";
}

TEST_F(MailIntakeTest, AMailIsNoTrapWhateverItsReporterIs) {
    configuration.verifier.policy.reports_needed = 2;
    start();
    ASSERT_EQ(pipe(forwarded("5.6.7.9")), EX_OK);
    ASSERT_TRUE(store->write([](WriteTxn& txn) -> Result<> {
        const auto changed = reporters::change(txn, "desk", [](Reporter& desk) { desk.trap = true; });
        return changed ? Result<>{} : changed.error();
    }));
    EXPECT_EQ(pipe(forwarded()), EX_OK) << err.str();
    EXPECT_FALSE(host(suspect) && host(suspect)->queued_scan != 0) << "somebody else has to say so too";
    EXPECT_TRUE(store->read([](const ReadTxn& txn) { return reporters::by_name(txn, "desk"); })->trap)
        << "his own reports go on as they were";
}

TEST_F(MailIntakeTest, WhatIsSaidAgainUsesUpNoLimit) {
    start();
    ASSERT_EQ(pipe(forwarded()), EX_OK);
    ASSERT_EQ(as_operator("PATCH", "/v1/reporters/desk", R"({"per_hour": 2})").status, 200U);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(pipe(forwarded()), EX_OK) << err.str();
    EXPECT_EQ(pipe(forwarded("5.6.7.9")), EX_OK) << err.str();
    EXPECT_EQ(pipe(forwarded("5.6.7.10")), EX_TEMPFAIL);
}

TEST_F(MailIntakeTest, AHostThatManyHaveReportedIsNotDeferredForEver) {
    start();
    ASSERT_TRUE(store->write([&](WriteTxn& txn) -> Result<> {
        for (std::uint32_t id = 100; id < 100 + reports::most_of_host; ++id) {
            Report report;
            report.host = report.named = suspect;
            report.reporter_id = id;
            if (auto made = reports::file(txn, report); !made) return made.error();
        }
        return {};
    }));
    EXPECT_EQ(pipe(forwarded()), EX_NOPERM);
    EXPECT_THAT(err.str(), HasSubstr("one more adds nothing"));
}

TEST_F(MailIntakeTest, NoMoreAreSpokenWithThanMayConnect) {
    using boost::asio::local::stream_protocol;
    start();
    boost::asio::io_context io;
    std::vector<stream_protocol::socket> clients;
    for (int i = 0; i < 60; ++i) {
        clients.emplace_back(io);
        boost::system::error_code failed;
        clients.back().connect({configuration.intake_mail.socket.string()}, failed);
        ASSERT_FALSE(failed) << failed.message();
    }
    std::size_t greeted = 0;
    for (auto& client : clients) {
        std::array<char, 3> code{};
        boost::system::error_code failed; // a door that is closed without a word
        boost::asio::read(client, boost::asio::buffer(code), failed);
        const std::string_view said(code.data(), failed ? 0 : code.size());
        greeted += said == "220" ? 1 : 0;
        EXPECT_TRUE(said == "220" || said == "421" || said.empty()) << said;
    }
    EXPECT_EQ(greeted, configuration.intake_mail.connection_limit);
}

TEST_F(MailIntakeTest, HostileMailIsRefusedAndTheNextIsTaken) {
    start();
    std::string nested = "Content-Type: multipart/mixed; boundary=b0\n\n";
    for (int i = 0; i < 200; ++i)
        nested += fmt::format("--b{}\nContent-Type: multipart/mixed; boundary=b{}\n\n", i, i + 1);
    EXPECT_EQ(pipe(nested), EX_DATAERR);
    EXPECT_THAT(err.str(), HasSubstr("deeper than 8"));
    EXPECT_EQ(pipe(std::string(30'000, 'x')), EX_DATAERR);
    EXPECT_THAT(err.str(), HasSubstr("intake.mail.message_limit"));
    EXPECT_EQ(pipe(std::string(1000, '\0')), EX_DATAERR);
    EXPECT_EQ(pipe(".\n..\n.\nQUIT\n"), EX_DATAERR) << "dots end nothing";
    EXPECT_EQ(pipe(""), EX_DATAERR);
    EXPECT_EQ(pipe(forwarded()), EX_OK) << err.str();
}

TEST_F(MailIntakeTest, TcpIsTheSameDoor) {
    start();
    const auto places = intake->places();
    ASSERT_EQ(places.size(), 2U);
    EXPECT_EQ(pipe(forwarded(), "spam@bl.example", places[1]), EX_OK) << err.str();
}

TEST_F(MailIntakeTest, ThePipeSaysWhatMailServersUnderstand) {
    EXPECT_EQ(pipe(forwarded()), EX_TEMPFAIL) << "nobody listens yet";
    EXPECT_THAT(err.str(), HasSubstr("does provenbl run with intake.mail"));
    start();
    EXPECT_EQ(pipe(forwarded(), "nobody@bl.example"), EX_NOUSER);
    EXPECT_THAT(err.str(), HasSubstr("intake.mail.addresses"));
    EXPECT_EQ(pipe(forwarded(), "a> RCPT TO:<b@c"), EX_USAGE);
    EXPECT_EQ(pipe(forwarded(), "spam@bl.example", "unix:"), EX_USAGE);
    EXPECT_EQ(pipe(forwarded(), "spam@bl.example", "nonsense"), EX_USAGE);
    ::unsetenv("RECIPIENT");
    EXPECT_EQ(pipe(forwarded(), ""), EX_USAGE);
    ::setenv("RECIPIENT", "spam@bl.example", 1);
    EXPECT_EQ(pipe(forwarded(), ""), EX_OK) << err.str();
    ::unsetenv("RECIPIENT");
}

TEST_F(MailIntakeTest, ASecondServerOnTheSocketIsRefusedAndADeadOnesFileIsReplaced) {
    start();
    MailIntake second{context};
    const auto refused = second.start();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("intake.mail.socket"));
    EXPECT_EQ(pipe(forwarded()), EX_OK) << "the first goes on";
    intake->stop();
    EXPECT_FALSE(std::filesystem::exists(configuration.intake_mail.socket));
    ASSERT_TRUE(second.start());
    EXPECT_EQ(pipe(forwarded()), EX_OK);
}

TEST(ReportMail, RepliesBecomeSysexits) {
    EXPECT_EQ(cli::exit_of_reply(250, "2.0.0"), EX_OK);
    EXPECT_EQ(cli::exit_of_reply(451, "4.3.0"), EX_TEMPFAIL);
    EXPECT_EQ(cli::exit_of_reply(421, "4.3.2"), EX_TEMPFAIL);
    EXPECT_EQ(cli::exit_of_reply(550, "5.1.1"), EX_NOUSER);
    EXPECT_EQ(cli::exit_of_reply(550, "5.7.1"), EX_NOPERM);
    EXPECT_EQ(cli::exit_of_reply(550, "5.6.0"), EX_DATAERR);
    EXPECT_EQ(cli::exit_of_reply(552, "5.3.4"), EX_DATAERR);
    EXPECT_EQ(cli::exit_of_reply(354, ""), EX_TEMPFAIL) << "out of order";
}

TEST(ReportMail, DotsAreStuffedAndLinesEndWithCrLf) {
    EXPECT_EQ(cli::as_data("a\n.b\r\n..\nc"), "a\r\n..b\r\n...\r\nc\r\n.\r\n");
    EXPECT_EQ(cli::as_data(""), ".\r\n");
}

} // namespace
} // namespace provenbl::tools
