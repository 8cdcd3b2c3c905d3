// The eleven rules that decide between a right verdict and a wrong one, one test for each that carries its name.
// What the techniques' own tests say in detail is said here once, so that no rule can be lost without a name failing.
#include "tests/support/scripted_probe.hpp"
#include "tests/unit/verifier/store_world.hpp"
#include "verifier/plan.hpp"
#include "verifier/policy.hpp"
#include "verifier/sinks/mail_session.hpp"
#include "verifier/techniques/verdicts.hpp"

#include <gtest/gtest.h>

#include <set>

namespace provenbl::verifier {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using test::Script;
using test::ScriptedProbe;

class ElevenRules : public ::testing::Test {
protected:
    Script& greeted() {
        return probe.next_connection()
            .reply("220 mx.suspect.example ESMTP Postfix\r\n")
            .expect("EHLO scan.bl.example\r\n")
            .reply("250 mx.suspect.example\r\n");
    }
    Script& rcpt(Script& script) {
        return script.expect_containing("MAIL FROM:<").reply("250 ok\r\n").expect_containing("RCPT TO:<");
    }
    Script& socks5_granted(const char* port = "\x00\x19") {
        return probe.next_connection()
            .drip() // every reply comes a byte at a time, and nothing may be said before it is whole
            .expect("\x05\x01\x00"s)
            .reply("\x05\x00"s)
            .expect("\x05\x01\x00\x01\xc6\x33\x64\x09"s + std::string(port, 2))
            .reply("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"s);
    }
    void one_target() { probe.change_settings().callback_targets.resize(1); }
    ScriptedProbe probe;
};

// Rule 1. That sockets are bound to the source is AsioNetworkTest.speaks_from_the_configured_source.
TEST_F(ElevenRules, rule_1_probe_from_an_address_that_no_server_trusts) {
    EXPECT_FALSE(may_probe_from(Address::v4(127, 0, 0, 1)));
    EXPECT_FALSE(may_probe_from(Address::parse("::1").value()));
    EXPECT_TRUE(may_probe_from(Address::v4(127, 0, 99, 1)));
    EXPECT_TRUE(may_probe_from(Address::v4(198, 51, 100, 1)));
}

TEST_F(ElevenRules, rule_2_the_proof_is_the_token_in_the_envelope_at_our_own_domain) {
    const auto token = "abcdefghijklmnopqrstuvwxyz234567abcdefgh"s;
    const MailSessionRules rules{"sink.example", "probe.example", "abuse@example.net"};
    std::size_t examined = 0;
    MailSession session(rules, [&](std::string_view text, SinkKind) -> Result<TokenId> {
        if (text == token) {
            ++examined;
            return TokenId{};
        }
        return Error{Errc::invalid, "no token"};
    });
    session.command("EHLO suspect.example", false);
    session.command("MAIL FROM:<>", false);
    // A bounce goes to the sender; its token stands in the body. And a tricky form that is handed on is not relayed.
    for (const auto& recipient :
         {"probe@probe.example"s, token + "%probe.example@other.example", token + "%probe.example@probe.example",
          "@other.example:" + token + "@probe.example", "probe.example!" + token + "@probe.example"})
        EXPECT_TRUE(session.command("RCPT TO:<" + recipient + ">", false).reply.starts_with("550")) << recipient;
    EXPECT_TRUE(session.command("DATA", false).reply.starts_with("554")) << "a body is never asked for a token";
    EXPECT_EQ(examined, 0U);
    EXPECT_TRUE(session.command("RCPT TO:<" + token + "@probe.example>", false).reply.starts_with("250"));
}

// The form that is its own sender: a bounce of it comes to the token itself.
TEST_F(ElevenRules, rule_2_a_bounce_of_a_mail_to_itself_is_no_proof) {
    testing::StoreWorld world;
    const auto host = Address::v4(127, 0, 0, 10);
    const auto token = world.mint->make();
    PendingProbe pending;
    pending.id = token.id;
    pending.target = {host, 25};
    pending.technique = "smtp-relay/self-send";
    pending.written = world.clock.now();
    pending.expires = world.clock.now() + 1h;
    world.write([&](WriteTxn& txn) { EXPECT_TRUE(tokens::issue(txn, pending)); });
    for (const auto* sender : {"", "MAILER-DAEMON@suspect.example", "probe@probe.example"}) {
        Arrival bounce{world.clock.now(), host, 25, "bounce", sender};
        EXPECT_FALSE(world.await(world.receiver->accept(token.id, std::move(bounce)))) << sender;
    }
    EXPECT_FALSE(world.listed(host));
    Arrival relayed{world.clock.now(), host, 25, "mail", token.text + "@probe.example"};
    EXPECT_TRUE(world.await(world.receiver->accept(token.id, std::move(relayed))));
    EXPECT_TRUE(world.listed(host));
}

TEST_F(ElevenRules, rule_3_entry_and_exit_differ_in_a_chain) {
    testing::StoreWorld world;
    const auto entry = Address::v4(127, 0, 0, 10);
    const auto exit = Address::v4(127, 0, 0, 66);
    const auto token = world.issue(SinkKind::mail, {entry, 25});
    Arrival arrival{world.clock.now(), exit, 25, "mail"};
    ASSERT_TRUE(world.await(world.receiver->accept(token.id, std::move(arrival))));
    EXPECT_EQ(world.host(entry)->classes(), ClassSet{ListingClass::relay});
    EXPECT_EQ(world.host(exit)->classes(), ClassSet{ListingClass::chain}); // list_exits is on here
    EXPECT_EQ(world.host(exit)->holes.at(0).entry, entry);
}

TEST_F(ElevenRules, rule_4_at_most_eight_forms_in_one_session_and_a_new_one_without_rset) {
    Scan scan;
    scan.host = Address::v4(192, 0, 2, 1);
    std::set<std::string_view> forms;
    Host host;
    host.address = scan.host;
    for (const auto& attempt : plan_visit(host, scan, all_techniques(), true)) {
        EXPECT_LE(attempt.techniques.size(), 8U);
        for (const auto* technique : attempt.techniques)
            if (technique->cls == ListingClass::relay) forms.insert(technique->name);
    }
    EXPECT_EQ(forms.size(), 29U);

    rcpt(greeted()).reply("550 no\r\n").expect("RSET\r\n").reply("502 what?\r\n").expect("QUIT\r\n").reply("221\r\n");
    rcpt(greeted()).reply("550 no\r\n");
    for (const auto& result : probe.run_together({"smtp-relay/plain", "smtp-relay/null-sender"}))
        EXPECT_EQ(result.verdict, Verdict::refused);
}

TEST_F(ElevenRules, rule_5_later_is_not_closed_and_is_tried_again) {
    rcpt(greeted()).reply("450 4.2.0 greylisted\r\n");
    const auto result = probe.run("smtp-relay/plain");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    Scan scan;
    scan.host = Address::v4(192, 0, 2, 1);
    const Time now{1'800'000'000s};
    scan.steps = {{now, "smtp-relay/plain", scan.host, 25, result.verdict, result.detail}};
    Host host;
    host.address = scan.host;
    const PolicyRules rules;
    EXPECT_EQ(decide(host, scan, rules, now).finish.next_due, now + rules.retry_after);
}

TEST_F(ElevenRules, rule_6_refusals_are_known_by_digit_and_stage_and_250_proves_nothing) {
    for (const auto* code : {"503 no\r\n", "550 no\r\n", "554 no\r\n", "571 no\r\n"}) {
        greeted().expect_containing("MAIL FROM:<").reply(code);
        EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::refused) << code;
        rcpt(greeted()).reply(code);
        EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::refused) << code;
        rcpt(greeted()).reply("250 ok\r\n").expect("DATA\r\n").reply("354 go\r\n").expect_containing("").reply(code);
        EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::refused) << code;
    }
    rcpt(greeted())
        .reply("250 ok\r\n")
        .expect("DATA\r\n")
        .reply("354 go\r\n")
        .expect_containing("")
        .reply("250 ok\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::inconclusive);
}

TEST_F(ElevenRules, rule_7_socks5_goes_step_by_step) {
    socks5_granted().expect("NOOP {token}\r\n").reply("250 {answer}\r\n");
    EXPECT_EQ(probe.run("socks5/connect").verdict, Verdict::open);
}

TEST_F(ElevenRules, rule_8_either_side_may_be_waited_for) {
    one_target();
    probe.set_target({Address::v4(192, 0, 2, 1), 3128});
    const auto granted = [&]() -> Script& {
        return probe.next_connection().expect_containing("CONNECT ").reply("HTTP/1.1 200 OK\r\n\r\n");
    };
    granted().expect("NOOP {token}\r\n").reply("220 sink\r\n").reply("250 {answer}\r\n");
    EXPECT_EQ(probe.run("http/connect").verdict, Verdict::open);
    granted().expect("NOOP {token}\r\n").silence().expect("\r\n").reply("250 {answer}\r\n");
    EXPECT_EQ(probe.run("http/connect").verdict, Verdict::open);
}

TEST_F(ElevenRules, rule_9_a_fresh_token_each_time_and_an_answer_that_only_we_can_compute) {
    one_target();
    socks5_granted().expect("NOOP {token}\r\n").reply("250 {answer}\r\n");
    EXPECT_EQ(probe.run("socks5/connect").verdict, Verdict::open);
    const auto replayed = probe.answer_to(probe.issued[0].token.id);
    for (const auto& lie : {"250 " + replayed + "\r\n", "220 sink ESMTP\r\n250 ok\r\n"s, "NOOP {token}\r\n"s}) {
        socks5_granted().expect("NOOP {token}\r\n").reply(lie);
        EXPECT_EQ(probe.run("socks5/connect").verdict, Verdict::refused) << lie;
    }
    std::set<std::string> tokens;
    for (const auto& issued : probe.issued) tokens.insert(issued.token.text);
    EXPECT_EQ(tokens.size(), 4U);
    EXPECT_EQ(probe.confirmed.size(), 1U);
}

TEST_F(ElevenRules, rule_10_timeout_reset_and_421_mean_unknown) {
    rcpt(greeted()).silence();
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::unreachable);
    rcpt(greeted()).resets();
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::unreachable);
    rcpt(greeted()).reply("421 busy\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::unreachable);
    // And unknown delists nobody.
    Hole hole;
    hole.technique = "smtp-relay/plain";
    hole.entry = Address::v4(192, 0, 2, 1);
    hole.port = 25;
    Host host;
    host.address = hole.entry;
    host.holes = {hole};
    Scan scan;
    scan.host = host.address;
    const Time now{1'800'000'000s};
    host.listed_since = host.last_answer = host.holes[0].first_proven = host.holes[0].last_proven = now - 48h;
    scan.started = now - 1min;
    scan.steps = {{now, hole.technique, hole.entry, 25, Verdict::unreachable, "RCPT TO: 421 busy"}};
    EXPECT_FALSE(decide(host, scan, PolicyRules{}, now).clearance);
}

TEST_F(ElevenRules, rule_11_a_proxy_is_asked_for_port_25_and_a_high_port_and_the_finding_says_which) {
    probe.next_connection().expect("\x05\x01\x00"s).reply("\x05\x00"s).expect_containing("\x05\x01").reply("\x05\x02"s);
    socks5_granted("\x20\xfb").expect("NOOP {token}\r\n").reply("250 {answer}\r\n");
    const auto result = probe.run("socks5/connect");
    EXPECT_EQ(result.verdict, Verdict::open);
    EXPECT_NE(result.detail.find("port 8443"), std::string::npos) << result.detail;
}

} // namespace
} // namespace provenbl::verifier
