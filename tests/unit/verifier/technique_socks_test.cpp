// socks4/connect, socks4a/connect, socks5/connect, and the tunnel that they share with http/connect.
#include "tests/support/scripted_probe.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier {
namespace {

using namespace std::string_literals;
using test::Script;
using test::ScriptedProbe;

const auto grant4 = "\x00\x5a\x00\x00\x00\x00\x00\x00"s;
const auto grant5 = "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"s;
const auto request4_25 = "\x04\x01\x00\x19\xc6\x33\x64\x09\x00"s;
const auto request4_8443 = "\x04\x01\x20\xfb\xc6\x33\x64\x09\x00"s;
const auto request5_25 = "\x05\x01\x00\x01\xc6\x33\x64\x09\x00\x19"s;
const auto request5_8443 = "\x05\x01\x00\x01\xc6\x33\x64\x09\x20\xfb"s;
const auto greeting5 = "\x05\x01\x00"s;
const auto no_authentication = "\x05\x00"s;

class SocksTest : public ::testing::Test {
protected:
    SocksTest() { probe.set_target({Address::v4(192, 0, 2, 1), 1080}); }
    Script& granted4() { return probe.next_connection().expect(request4_25).reply(grant4); }
    // The last target only, so that one connection is the whole visit.
    void one_target() { probe.change_settings().callback_targets.pop_back(); }
    void named() {
        probe.change_settings().callback_name = "callback.probe.example";
        probe.change_settings().callback_named = {Address::v4(198, 51, 100, 9)};
    }
    ScriptedProbe probe;
};

// ---- SOCKS4 and 4a ----

TEST_F(SocksTest, socks4_open_when_the_answer_comes_back) {
    granted4().expect("NOOP {token}\r\n").reply("250 {answer}\r\n");
    const auto result = probe.run("socks4/connect");
    EXPECT_EQ(result.verdict, Verdict::open);
    EXPECT_EQ(result.detail, "connected us to port 25 of our sink (198.51.100.9:25) and brought its answer back");
    ASSERT_EQ(probe.confirmed.size(), 1U);
    EXPECT_EQ(probe.confirmed[0], probe.issued[0].token.id);
    EXPECT_EQ(probe.issued[0].repeat,
              "printf 'NOOP TOKEN\\r\\n' | curl -sm 20 --socks4 192.0.2.1:1080 telnet://198.51.100.9:25");
}

TEST_F(SocksTest, socks4a_gives_the_address_as_a_name) {
    probe.next_connection()
        .expect("\x04\x01\x00\x19\x00\x00\x00\x01\x00"s + "198.51.100.9\x00"s)
        .reply(grant4)
        .expect("NOOP {token}\r\n")
        .reply("250 {answer}\r\n");
    EXPECT_EQ(probe.run("socks4a/connect").verdict, Verdict::open);
}

TEST_F(SocksTest, a_proxy_that_goes_to_names_alone_is_asked_by_our_sinks_name) {
    named();
    probe.next_connection().expect("\x04\x01\x00\x19\x00\x00\x00\x01\x00"s + "198.51.100.9\x00"s).reply("\x00\x5b"s);
    probe.next_connection().expect("\x04\x01\x20\xfb\x00\x00\x00\x01\x00"s + "198.51.100.9\x00"s).reply("\x00\x5b"s);
    probe.next_connection()
        .expect("\x04\x01\x00\x19\x00\x00\x00\x01\x00"s + "callback.probe.example\x00"s)
        .reply(grant4)
        .expect("NOOP {token}\r\n")
        .reply("250 {answer}\r\n");
    const auto by_4a = probe.run("socks4a/connect");
    EXPECT_EQ(by_4a.verdict, Verdict::open);
    EXPECT_EQ(by_4a.detail,
              "connected us to port 25 of our sink (callback.probe.example:25) and brought its answer back");
    EXPECT_EQ(probe.issued.back().repeat, "printf 'NOOP TOKEN\\r\\n' | curl -sm 20 --socks4a 192.0.2.1:1080 "
                                          "telnet://callback.probe.example:25");

    for (const auto& port : {"\x00\x19"s, "\x20\xfb"s}) {
        probe.next_connection()
            .expect(greeting5)
            .reply(no_authentication)
            .expect("\x05\x01\x00\x03\x0c"s + "198.51.100.9" + port)
            .reply("\x05\x08"s);
    }
    probe.next_connection()
        .expect(greeting5)
        .reply(no_authentication)
        .expect("\x05\x01\x00\x03\x16"s + "callback.probe.example\x00\x19"s)
        .reply(grant5)
        .expect("NOOP {token}\r\n")
        .reply("250 {answer}\r\n");
    EXPECT_EQ(probe.run("socks5/name").verdict, Verdict::open);
}

TEST_F(SocksTest, a_name_that_is_granted_and_leads_nowhere_proves_nothing) {
    named();
    probe.change_settings().callback_targets.pop_back();
    probe.next_connection().expect("\x04\x01\x00\x19\x00\x00\x00\x01\x00"s + "198.51.100.9\x00"s).reply("\x00\x5b"s);
    probe.next_connection()
        .expect("\x04\x01\x00\x19\x00\x00\x00\x01\x00"s + "callback.probe.example\x00"s)
        .reply(grant4)
        .expect("NOOP {token}\r\n")
        .reply("220 another server\r\n")
        .ends();
    const auto result = probe.run("socks4a/connect");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_EQ(result.detail, "port 25: SOCKS4 0x5b, request rejected or failed; port 25 by name: granted, then "
                             "answered something of its own: \"220 another server\"");
    EXPECT_TRUE(probe.confirmed.empty());
}

TEST_F(SocksTest, whoever_grants_an_address_is_not_asked_for_the_name) {
    named();
    one_target();
    probe.next_connection()
        .expect("\x04\x01\x00\x19\x00\x00\x00\x01\x00"s + "198.51.100.9\x00"s)
        .reply(grant4)
        .expect("NOOP {token}\r\n")
        .ends();
    EXPECT_EQ(probe.run("socks4a/connect").verdict, Verdict::inconclusive);
    EXPECT_EQ(probe.connections, 1U);
}

TEST_F(SocksTest, socks4_knows_no_ipv6_targets) {
    probe.change_settings().callback_targets = {{Address::parse("2001:db8::9").value(), 25}};
    const auto result = probe.run("socks4/connect");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_TRUE(result.detail.starts_with("not tried: ")) << result.detail;
    EXPECT_EQ(probe.connections, 0U);
}

TEST_F(SocksTest, open_for_the_high_port_only_is_open_and_says_so) {
    probe.next_connection().expect(request4_25).reply("\x00\x5b"s);
    probe.next_connection().expect(request4_8443).reply(grant4).expect("NOOP {token}\r\n").reply("{answer}\r\n");
    const auto result = probe.run("socks4/connect");
    EXPECT_EQ(result.verdict, Verdict::open);
    EXPECT_NE(result.detail.find("port 8443"), std::string::npos) << result.detail;
}

TEST_F(SocksTest, refused_for_both_ports_says_how_for_each) {
    probe.next_connection().expect(request4_25).reply("\x00\x5b"s);
    probe.next_connection().expect(request4_8443).reply("\x00\x5c"s);
    const auto result = probe.run("socks4/connect");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_EQ(result.detail, "port 25: SOCKS4 0x5b, request rejected or failed; "
                             "port 8443: SOCKS4 0x5c, no identd answers at the client");
    EXPECT_TRUE(probe.issued.empty());
}

TEST_F(SocksTest, the_best_of_the_targets_is_the_verdict) {
    granted4().expect("NOOP {token}\r\n").silence().expect("\r\n").silence(); // inconclusive
    probe.next_connection().expect(request4_8443).reply("\x00\x5b"s);         // refused
    EXPECT_EQ(probe.run("socks4/connect").verdict, Verdict::inconclusive);
}

TEST_F(SocksTest, an_answer_behind_other_words_is_waited_for_where_the_token_has_arrived) {
    probe.arrives("socks4/connect");
    granted4().expect("NOOP {token}\r\n").reply("Connecting ...\r\n").silence().reply("250 {answer}\r\n");
    EXPECT_EQ(probe.run("socks4/connect").verdict, Verdict::open);
}

TEST_F(SocksTest, whoever_says_something_else_and_has_passed_nothing_on_is_not_waited_for) {
    one_target();
    granted4().expect("NOOP {token}\r\n").reply("220 my own words\r\n").silence().reply("250 too late\r\n");
    const auto result = probe.run("socks4/connect");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_TRUE(result.detail.find("answered something of its own") != std::string::npos) << result.detail;
}

TEST_F(SocksTest, every_attempt_has_a_fresh_token) {
    granted4().expect("NOOP {token}\r\n").ends();
    probe.next_connection().expect(request4_8443).reply(grant4).expect("NOOP {token}\r\n").ends();
    probe.run("socks4/connect");
    ASSERT_EQ(probe.issued.size(), 2U);
    EXPECT_NE(probe.issued[0].token.text, probe.issued[1].token.text);
}

// ---- SOCKS5 ----

TEST_F(SocksTest, socks5_goes_step_by_step) {
    // The script gives no byte before the step before was written, and takes no two steps in one write.
    probe.next_connection()
        .drip()
        .expect(greeting5)
        .reply(no_authentication)
        .expect(request5_25)
        .reply(grant5)
        .expect("NOOP {token}\r\n")
        .reply("250 {answer}\r\n");
    EXPECT_EQ(probe.run("socks5/connect").verdict, Verdict::open);
}

TEST_F(SocksTest, socks5_asks_for_ipv6) {
    probe.change_settings().callback_targets = {{Address::parse("2001:db8::9").value(), 25}};
    probe.next_connection()
        .expect(greeting5)
        .reply(no_authentication)
        .expect("\x05\x01\x00\x04\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x09\x00\x19"s)
        .reply("\x05\x00\x00\x04"s + std::string(18, '\0'))
        .expect("NOOP {token}\r\n")
        .reply("{answer}\r\n");
    EXPECT_EQ(probe.run("socks5/connect").verdict, Verdict::open);
}

TEST_F(SocksTest, socks5_that_wants_a_password_is_closed_and_gets_none) {
    probe.next_connection().expect(greeting5).reply("\x05\x02"s);
    const auto result = probe.run("socks5/connect");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_EQ(result.detail, "SOCKS5 method 0x02, user name and password needed");
    EXPECT_EQ(probe.connections, 1U) << "another port would fare no better";
}

TEST_F(SocksTest, socks5_without_a_method_is_closed) {
    probe.next_connection().expect(greeting5).reply("\x05\xff"s);
    EXPECT_EQ(probe.run("socks5/connect").verdict, Verdict::refused);
}

TEST_F(SocksTest, socks5_rules_against_the_target_are_a_refusal) {
    probe.next_connection().expect(greeting5).reply(no_authentication).expect(request5_25).reply("\x05\x02\x00\x01"s);
    probe.next_connection().expect(greeting5).reply(no_authentication).expect(request5_8443).reply("\x05\x02"s);
    EXPECT_EQ(probe.run("socks5/connect").verdict, Verdict::refused);
}

TEST_F(SocksTest, a_sink_that_could_not_be_reached_is_not_a_refusal) {
    one_target();
    for (const char code : {1, 3, 4, 5, 6}) {
        probe.next_connection().expect(greeting5).reply(no_authentication).expect(request5_25).reply("\x05"s + code);
        const auto result = probe.run("socks5/connect");
        EXPECT_EQ(result.verdict, Verdict::inconclusive) << int{code};
        EXPECT_TRUE(result.detail.starts_with("port 25: the proxy tried and could not reach our sink: SOCKS5 reply 0x"))
            << result.detail;
    }
}

TEST_F(SocksTest, every_other_code_of_socks5_is_a_refusal) {
    one_target();
    for (const char code : {'\x02', '\x07', '\x08', '\xff'}) {
        probe.next_connection().expect(greeting5).reply(no_authentication).expect(request5_25).reply("\x05"s + code);
        EXPECT_EQ(probe.run("socks5/connect").verdict, Verdict::refused) << int{code};
    }
}

// ---- what is no proxy ----

TEST_F(SocksTest, garbage_is_not_socks) {
    for (const auto* technique : {"socks4/connect", "socks4a/connect", "socks5/connect"}) {
        probe.next_connection().expect_containing("").reply("HTTP/1.1 400 Bad Request\r\n\r\n").ends();
        const auto result = probe.run(technique);
        EXPECT_EQ(result.verdict, Verdict::refused);
        EXPECT_TRUE(result.detail.starts_with("does not speak SOCKS")) << result.detail;
    }
    EXPECT_EQ(probe.connections, 3U);
}

TEST_F(SocksTest, silence_reset_and_hanging_up_are_unknown) {
    for (const auto* technique : {"socks4/connect", "socks4a/connect", "socks5/connect"}) {
        probe.next_connection().expect_containing("").silence();
        EXPECT_EQ(probe.run(technique).verdict, Verdict::unreachable);
        probe.next_connection().expect_containing("").resets();
        EXPECT_EQ(probe.run(technique).verdict, Verdict::unreachable);
        probe.next_connection().expect_containing("").ends();
        EXPECT_EQ(probe.run(technique).verdict, Verdict::unreachable);
    }
}

TEST_F(SocksTest, a_closed_port) {
    probe.next_connection(Script::refusing_connections());
    EXPECT_EQ(probe.run("socks5/connect").verdict, Verdict::closed_port);
    EXPECT_EQ(probe.connections, 1U);
}

// ---- the tunnel ----

TEST_F(SocksTest, a_proxy_that_waits_for_the_server_is_open) {
    granted4().expect("NOOP {token}\r\n").reply("220 sink ESMTP\r\n").reply("250 2.0.0 {answer}\r\n");
    EXPECT_EQ(probe.run("socks4/connect").verdict, Verdict::open);
}

TEST_F(SocksTest, a_banner_behind_the_grant_is_the_tunnels_first) {
    probe.next_connection()
        .expect(request4_25)
        .reply(grant4 + "220 sink ESMTP\r\n")
        .expect("NOOP {token}\r\n")
        .reply("250 2.0.0 {answer}\r\n");
    EXPECT_EQ(probe.run("socks4/connect").verdict, Verdict::open);
}

TEST_F(SocksTest, a_silent_tunnel_is_nudged_once) {
    granted4().expect("NOOP {token}\r\n").silence().expect("\r\n").reply("{answer}\r\n");
    EXPECT_EQ(probe.run("socks4/connect").verdict, Verdict::open);
}

TEST_F(SocksTest, an_answer_in_pieces_is_found) {
    granted4().drip().expect("NOOP {token}\r\n").reply("220 hello\r\n250 {answer}\r\n");
    EXPECT_EQ(probe.run("socks4/connect").verdict, Verdict::open);
}

TEST_F(SocksTest, a_grant_then_silence_is_no_proof) {
    one_target();
    granted4().expect("NOOP {token}\r\n").silence().expect("\r\n").silence();
    const auto result = probe.run("socks4/connect");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_NE(result.detail.find("granted, but nothing has come through"), std::string::npos) << result.detail;
    EXPECT_TRUE(probe.confirmed.empty());
}

TEST_F(SocksTest, an_echo_is_no_proof) {
    one_target();
    granted4().expect("NOOP {token}\r\n").reply("NOOP {token}\r\n");
    const auto result = probe.run("socks4/connect");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_NE(result.detail.find("something of its own"), std::string::npos) << result.detail;
    EXPECT_TRUE(probe.confirmed.empty());
}

TEST_F(SocksTest, a_replayed_banner_or_a_fake_smtp_server_is_no_proof) {
    one_target();
    granted4().expect("NOOP {token}\r\n").reply("220 sink ESMTP\r\n250 2.0.0 ok\r\n");
    EXPECT_EQ(probe.run("socks4/connect").verdict, Verdict::refused);
    EXPECT_TRUE(probe.confirmed.empty());
}

TEST_F(SocksTest, a_replayed_answer_of_another_token_is_no_proof) {
    one_target();
    granted4().expect("NOOP {token}\r\n").reply("250 {answer}\r\n");
    EXPECT_EQ(probe.run("socks4/connect").verdict, Verdict::open);
    const auto old_answer = probe.answer_to(probe.issued[0].token.id);
    granted4().expect("NOOP {token}\r\n").reply("250 " + old_answer + "\r\n");
    EXPECT_EQ(probe.run("socks4/connect").verdict, Verdict::refused);
}

TEST_F(SocksTest, an_answer_that_the_sink_knows_nothing_of_is_no_proof) {
    one_target();
    probe.fail_confirm({Errc::not_allowed, "the token has not arrived at a sink"});
    granted4().expect("NOOP {token}\r\n").reply("250 {answer}\r\n");
    const auto result = probe.run("socks4/connect");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_NE(result.detail.find("has not arrived"), std::string::npos) << result.detail;
}

TEST_F(SocksTest, granted_then_ended_without_a_word_is_not_a_refusal) {
    one_target();
    granted4().expect("NOOP {token}\r\n").ends();
    const auto result = probe.run("socks4/connect");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_FALSE(result.detail.starts_with("not tried: ")) << result.detail;
}

TEST_F(SocksTest, a_busy_sink_is_our_own_trouble) {
    one_target();
    for (const auto* said :
         {"421 busy\r\n", "220 sink ESMTP\r\n421 4.3.0 the sink can't record this now, closing\r\n"}) {
        for (const bool reset : {false, true}) {
            auto& script = granted4().expect("NOOP {token}\r\n").reply(said);
            reset ? script.resets() : script.ends();
            const auto result = probe.run("socks4/connect");
            EXPECT_EQ(result.verdict, Verdict::inconclusive);
            EXPECT_TRUE(result.detail.starts_with("not tried: ")) << result.detail;
        }
    }
}

TEST_F(SocksTest, a_busy_line_counts_at_the_beginning_of_a_line_only) {
    one_target();
    granted4().expect("NOOP {token}\r\n").reply("HTTP/1.1 421 Misdirected Request\r\n\r\n").ends();
    EXPECT_EQ(probe.run("socks4/connect").verdict, Verdict::refused);
}

TEST_F(SocksTest, the_answer_outweighs_a_busy_line) {
    granted4().expect("NOOP {token}\r\n").reply("421 busy\r\n250 {answer}\r\n");
    EXPECT_EQ(probe.run("socks4/connect").verdict, Verdict::open);
}

TEST_F(SocksTest, granted_then_reset_is_unknown) {
    one_target();
    granted4().expect("NOOP {token}\r\n").resets();
    EXPECT_EQ(probe.run("socks4/connect").verdict, Verdict::unreachable);
}

TEST_F(SocksTest, a_flood_behind_the_grant_ends) {
    one_target();
    granted4().expect("NOOP {token}\r\n").endless(std::string(4096, 'x'));
    EXPECT_EQ(probe.run("socks4/connect").verdict, Verdict::refused);
}

TEST_F(SocksTest, half_a_tunnel_is_neither_open_nor_refused) {
    one_target();
    probe.arrives("socks4/connect");
    granted4().expect("NOOP {token}\r\n").reply("220 sink\r\n").ends();
    const auto result = probe.run("socks4/connect");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_NE(result.detail.find("the token reached our sink"), std::string::npos) << result.detail;
}

TEST_F(SocksTest, without_a_durable_token_nothing_is_said) {
    probe.fail_issue({Errc::disk_full, "disk full"});
    granted4();
    EXPECT_EQ(probe.run("socks4/connect").detail, "not tried: disk full");
    EXPECT_EQ(probe.written.find("NOOP"), std::string::npos);
}

} // namespace
} // namespace provenbl::verifier
