// smtp-relay/*: the dialogue with open, closed, odd and hostile mail servers.
#include "tests/support/scripted_probe.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier {
namespace {

using test::Script;
using test::ScriptedProbe;

const std::vector<std::string> all_forms{"smtp-relay/plain",  "smtp-relay/null-sender", "smtp-relay/percent",
                                         "smtp-relay/quoted", "smtp-relay/bang",        "smtp-relay/source-route"};

class SmtpRelayTest : public ::testing::Test {
protected:
    // Banner and EHLO of a server without TLS.
    Script& greeted() {
        return probe.next_connection()
            .reply("220 mx.suspect.example ESMTP Postfix\r\n")
            .expect("EHLO scan.bl.example\r\n")
            .reply("250-mx.suspect.example\r\n250 SIZE\r\n");
    }
    static Script& plain_until_rcpt(Script& script, std::string rcpt_reply) {
        return script.expect("MAIL FROM:<probe@probe.bl.example>\r\n")
            .reply("250 ok\r\n")
            .expect("RCPT TO:<{token}@probe.bl.example>\r\n")
            .reply(std::move(rcpt_reply));
    }
    static Script& plain_until_dot(Script& script, std::string end_reply) {
        return plain_until_rcpt(script, "250 ok\r\n")
            .expect("DATA\r\n")
            .reply("354 go on\r\n")
            .expect_containing("To: <{token}@probe.bl.example>\r\n")
            .reply(std::move(end_reply));
    }
    ScriptedProbe probe;
};

TEST_F(SmtpRelayTest, open_when_the_mail_arrives) {
    plain_until_dot(greeted(), "250 queued as 42\r\n").expect("QUIT\r\n").reply("221 bye\r\n");
    probe.arrives("smtp-relay/plain", Duration(2'000)); // what comes later is the visit's to wait for
    const auto result = probe.run("smtp-relay/plain");
    EXPECT_EQ(result.verdict, Verdict::open);
    EXPECT_EQ(probe.software_seen, "Postfix");
    ASSERT_EQ(probe.issued.size(), 1U);
    EXPECT_EQ(probe.issued[0].repeat, "swaks --server '192.0.2.1' --port 25 --ehlo 'scan.bl.example' "
                                      "--from '<probe@probe.bl.example>' --to '<TOKEN@probe.bl.example>'");
}

TEST_F(SmtpRelayTest, accepted_is_no_proof) {
    plain_until_dot(greeted(), "250 queued as 42\r\n");
    const auto result = probe.run("smtp-relay/plain");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_EQ(result.detail, "accepted, but nothing has arrived (250 queued as 42)");
}

TEST_F(SmtpRelayTest, every_form_has_its_own_addresses_and_token) {
    auto& script = greeted();
    const std::vector<std::pair<std::string, std::string>> addresses{
        {"probe@probe.bl.example", "{token}@probe.bl.example"},
        {"", "{token}@probe.bl.example"},
        {"probe@mx.suspect.example", "{token}%probe.bl.example@mx.suspect.example"},
        {"probe@mx.suspect.example", "\"{token}@probe.bl.example\"@mx.suspect.example"},
        {"probe@mx.suspect.example", "probe.bl.example!{token}@mx.suspect.example"},
        {"probe@mx.suspect.example", "@mx.suspect.example:{token}@probe.bl.example"}};
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        script.expect("MAIL FROM:<" + addresses[i].first + ">\r\n").reply("250 ok\r\n");
        script.expect("RCPT TO:<" + addresses[i].second + ">\r\n").reply("550 no\r\n");
        if (i + 1 < addresses.size()) script.expect("RSET\r\n").reply("250 ok\r\n");
    }
    script.expect("QUIT\r\n").reply("221 bye\r\n");
    for (const auto& result : probe.run_together(all_forms)) {
        EXPECT_EQ(result.verdict, Verdict::refused);
        EXPECT_EQ(result.detail, "RCPT TO: 550 no");
    }
    ASSERT_EQ(probe.issued.size(), all_forms.size());
    for (std::size_t i = 0; i < all_forms.size(); ++i) {
        EXPECT_EQ(probe.issued[i].technique, all_forms[i]);
        for (std::size_t j = 0; j < i; ++j) EXPECT_NE(probe.issued[i].token.text, probe.issued[j].token.text);
    }
}

TEST_F(SmtpRelayTest, a_server_without_a_usable_name_is_addressed_by_its_literal) {
    probe.next_connection()
        .reply("220 localhost ESMTP\r\n")
        .expect("EHLO scan.bl.example\r\n")
        .reply("250 <evil>@x\r\n")
        .expect("MAIL FROM:<probe@[192.0.2.1]>\r\n")
        .reply("250 ok\r\n")
        .expect("RCPT TO:<{token}%probe.bl.example@[192.0.2.1]>\r\n")
        .reply("550 no\r\n");
    EXPECT_EQ(probe.run("smtp-relay/percent").verdict, Verdict::refused);
}

TEST_F(SmtpRelayTest, an_ipv6_literal_is_tagged) {
    probe.set_target({Address::parse("2001:db8::1").value(), 25});
    probe.next_connection()
        .reply("220 hello\r\n")
        .expect("EHLO scan.bl.example\r\n")
        .reply("250 hello\r\n")
        .expect("MAIL FROM:<probe@[IPv6:2001:db8::1]>\r\n")
        .reply("550 no\r\n");
    EXPECT_EQ(probe.run("smtp-relay/bang").detail, "MAIL FROM: 550 no");
}

TEST_F(SmtpRelayTest, helo_when_ehlo_is_unknown) {
    auto& script = probe.next_connection()
                       .reply("220 old.example\r\n")
                       .expect("EHLO scan.bl.example\r\n")
                       .reply("502 unknown\r\n")
                       .expect("HELO scan.bl.example\r\n")
                       .reply("250 old.example\r\n");
    plain_until_rcpt(script, "550 no\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::refused);
}

TEST_F(SmtpRelayTest, replies_a_byte_at_a_time_are_understood) {
    plain_until_rcpt(greeted().drip(), "550-5.7.1 no\r\n550 relaying\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").detail, "RCPT TO: 550 5.7.1 no relaying");
}

TEST_F(SmtpRelayTest, what_the_server_says_unasked_is_not_taken_for_a_reply) {
    auto& script = probe.next_connection()
                       .reply("220 mx.suspect.example\r\n250 early\r\n250 birds\r\n")
                       .expect("EHLO scan.bl.example\r\n")
                       .reply("250 mx.suspect.example\r\n");
    plain_until_rcpt(script, "554 no\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").detail, "RCPT TO: 554 no");
}

TEST_F(SmtpRelayTest, a_server_with_a_plain_banner_is_asked_what_it_is) {
    auto& script = probe.next_connection()
                       .reply("220 mx.suspect.example\r\n")
                       .expect("EHLO scan.bl.example\r\n")
                       .reply("250 mx.suspect.example\r\n");
    plain_until_rcpt(script, "550 no\r\n").expect("HELP\r\n").reply("502 5.5.2 Error: command not recognized\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::refused);
    EXPECT_EQ(probe.software_seen, "Postfix");
}

// ---- STARTTLS ----

TEST_F(SmtpRelayTest, tls_is_used_when_offered_and_ehlo_said_again) {
    auto& script = probe.next_connection()
                       .reply("220 mx.suspect.example\r\n")
                       .expect("EHLO scan.bl.example\r\n")
                       .reply("250-mx.suspect.example\r\n250 STARTTLS\r\n")
                       .expect("STARTTLS\r\n")
                       .reply("220 go\r\n250 injected\r\n")
                       .expect_tls(true)
                       .expect("EHLO scan.bl.example\r\n")
                       .reply("250-mx.suspect.example\r\n250 STARTTLS\r\n");
    plain_until_rcpt(script, "550 no\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::refused);
}

TEST_F(SmtpRelayTest, when_tls_fails_a_new_connection_does_without_once) {
    for (int i = 0; i < 2; ++i) {
        auto& script = probe.next_connection()
                           .reply("220 mx.suspect.example\r\n")
                           .expect("EHLO scan.bl.example\r\n")
                           .reply("250-mx.suspect.example\r\n250 STARTTLS\r\n");
        if (i == 0)
            script.expect("STARTTLS\r\n").reply("220 go\r\n").expect_tls(false);
        else
            plain_until_rcpt(script, "550 no\r\n");
    }
    EXPECT_EQ(probe.run("smtp-relay/plain").detail, "RCPT TO: 550 no");
    EXPECT_EQ(probe.connections, 2U);
    ASSERT_FALSE(probe.notes.empty());
    EXPECT_NE(probe.notes[0].find("STARTTLS failed"), std::string::npos);
}

TEST_F(SmtpRelayTest, starttls_offered_and_refused_goes_on_in_the_clear) {
    auto& script = probe.next_connection()
                       .reply("220 mx.suspect.example\r\n")
                       .expect("EHLO scan.bl.example\r\n")
                       .reply("250-mx.suspect.example\r\n250 STARTTLS\r\n")
                       .expect("STARTTLS\r\n")
                       .reply("454 not now\r\n");
    plain_until_rcpt(script, "550 no\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").detail, "RCPT TO: 550 no");
    EXPECT_EQ(probe.connections, 1U);
}

TEST_F(SmtpRelayTest, a_421_behind_tls_ends_the_visit) {
    probe.next_connection()
        .reply("220 mx.suspect.example\r\n")
        .expect("EHLO scan.bl.example\r\n")
        .reply("250-mx.suspect.example\r\n250 STARTTLS\r\n")
        .expect("STARTTLS\r\n")
        .reply("220 go\r\n")
        .expect_tls(true)
        .expect("EHLO scan.bl.example\r\n")
        .reply("421 busy\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::unreachable);
    EXPECT_EQ(probe.connections, 1U);
}

TEST_F(SmtpRelayTest, port_465_speaks_tls_from_the_first_byte) {
    probe.set_target({Address::v4(192, 0, 2, 1), 465});
    auto& script = probe.next_connection()
                       .expect_tls(true)
                       .reply("220 mx.suspect.example\r\n")
                       .expect("EHLO scan.bl.example\r\n")
                       .reply("250-mx.suspect.example\r\n250 STARTTLS\r\n"); // not again
    plain_until_rcpt(script, "550 no\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::refused);
}

TEST_F(SmtpRelayTest, port_465_without_tls_is_asked_in_the_clear) {
    probe.set_target({Address::v4(192, 0, 2, 1), 465});
    probe.next_connection().expect_tls(false);
    plain_until_rcpt(greeted(), "550 no\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").detail, "RCPT TO: 550 no");
    EXPECT_EQ(probe.connections, 2U);
}

TEST_F(SmtpRelayTest, a_form_that_takes_a_name_we_do_not_know_is_not_tried) {
    greeted();
    EXPECT_TRUE(probe.run("smtp-relay/sink-literal").detail.starts_with("not tried: "));
    EXPECT_TRUE(probe.issued.empty());
}

// ---- what one session says about further forms ----

TEST_F(SmtpRelayTest, a_taken_recipient_is_promising) {
    plain_until_dot(greeted(), "550 no\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").hint, Hint::promising);
}

TEST_F(SmtpRelayTest, what_is_open_needs_no_search_for_rarer_forms) {
    plain_until_dot(greeted(), "250 ok\r\n");
    probe.arrives("smtp-relay/plain");
    EXPECT_EQ(probe.run("smtp-relay/plain").hint, Hint::none);
}

TEST_F(SmtpRelayTest, a_server_that_refuses_speaks_and_one_that_sends_us_away_is_hopeless) {
    plain_until_rcpt(greeted(), "550 no\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").hint, Hint::speaks);
    for (const auto* enough : {"421 enough\r\n", "450 4.7.1 too many connections\r\n"}) {
        plain_until_rcpt(greeted(), enough);
        EXPECT_EQ(probe.run("smtp-relay/plain").hint, Hint::unwelcome) << enough;
    }
    probe.next_connection().silence();
    EXPECT_EQ(probe.run("smtp-relay/plain").hint, Hint::hopeless);
}

// ---- verdicts by digit and stage (rules 5, 6 and 10) ----

TEST_F(SmtpRelayTest, refusals_come_in_many_codes_and_stages) {
    for (const auto* code : {"503 no\r\n", "550 no\r\n", "554 no\r\n", "571 no\r\n"}) {
        greeted().expect("MAIL FROM:<probe@probe.bl.example>\r\n").reply(code);
        EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::refused) << "MAIL " << code;
        plain_until_rcpt(greeted(), code);
        EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::refused) << "RCPT " << code;
        plain_until_rcpt(greeted(), "250 ok\r\n").expect("DATA\r\n").reply(code);
        EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::refused) << "DATA " << code;
        plain_until_dot(greeted(), code);
        EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::refused) << "end of DATA " << code;
    }
}

TEST_F(SmtpRelayTest, four_hundreds_are_not_closed) {
    greeted().expect("MAIL FROM:<probe@probe.bl.example>\r\n").reply("451 later\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").detail, "try again later: MAIL FROM: 451 later");
    plain_until_rcpt(greeted(), "450 greylisted\r\n");
    const auto result = probe.run("smtp-relay/plain");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_EQ(result.detail, "try again later: RCPT TO: 450 greylisted");
    plain_until_dot(greeted(), "452 full\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::inconclusive);
}

TEST_F(SmtpRelayTest, refused_after_data_and_yet_delivered_is_open) {
    plain_until_dot(greeted(), "550 no\r\n");
    probe.arrives("smtp-relay/plain");
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::open);
}

TEST_F(SmtpRelayTest, delivered_without_a_reply_is_open) {
    plain_until_rcpt(greeted(), "250 ok\r\n")
        .expect("DATA\r\n")
        .reply("354 go on\r\n")
        .expect_containing("Subject: ")
        .silence();
    probe.arrives("smtp-relay/plain");
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::open);
}

TEST_F(SmtpRelayTest, timeout_reset_and_421_mean_unknown) {
    plain_until_rcpt(greeted(), "").silence();
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::unreachable);
    plain_until_rcpt(greeted(), "").resets();
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::unreachable);
    plain_until_rcpt(greeted(), "421 too busy\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::unreachable);
}

TEST_F(SmtpRelayTest, a_421_ends_the_visit_for_all_forms) {
    plain_until_rcpt(greeted(), "421 too busy\r\n").expect("QUIT\r\n").ends();
    for (const auto& result : probe.run_together(all_forms)) EXPECT_EQ(result.verdict, Verdict::unreachable);
    EXPECT_EQ(probe.connections, 1U);
    EXPECT_EQ(probe.issued.size(), 1U);
}

TEST_F(SmtpRelayTest, a_complaint_of_rate_ends_the_visit_and_asks_to_come_later) {
    plain_until_rcpt(greeted(), "450 4.7.1 too many recipients from you\r\n").expect("QUIT\r\n").reply("221 bye\r\n");
    for (const auto& result : probe.run_together(all_forms)) {
        EXPECT_EQ(result.verdict, Verdict::inconclusive);
        EXPECT_TRUE(result.detail.starts_with("try again later: ")) << result.detail;
    }
    EXPECT_EQ(probe.issued.size(), 1U);
}

TEST_F(SmtpRelayTest, a_greeting_of_554_refuses_all_forms_politely) {
    probe.next_connection().reply("554 go away\r\n").expect("QUIT\r\n").reply("221 bye\r\n");
    for (const auto& result : probe.run_together(all_forms)) {
        EXPECT_EQ(result.verdict, Verdict::refused);
        EXPECT_EQ(result.detail, "banner: 554 go away");
    }
    EXPECT_TRUE(probe.issued.empty());
}

// ---- sessions that end early (rule 4) ----

TEST_F(SmtpRelayTest, a_server_that_refuses_rset_is_asked_in_new_connections) {
    plain_until_rcpt(greeted(), "550 no\r\n")
        .expect("RSET\r\n")
        .reply("502 what?\r\n")
        .expect("QUIT\r\n")
        .reply("221\r\n");
    greeted()
        .expect("MAIL FROM:<>\r\n")
        .reply("250 ok\r\n")
        .expect("RCPT TO:<{token}@probe.bl.example>\r\n")
        .reply("550 no\r\n");
    const auto results = probe.run_together({"smtp-relay/plain", "smtp-relay/null-sender"});
    EXPECT_EQ(results[0].detail, "RCPT TO: 550 no");
    EXPECT_EQ(results[1].detail, "RCPT TO: 550 no");
    EXPECT_EQ(probe.connections, 2U);
}

TEST_F(SmtpRelayTest, a_server_that_hangs_up_after_each_refusal_is_asked_to_the_end) {
    plain_until_rcpt(greeted(), "550 no\r\n").expect("RSET\r\n").ends();
    greeted().expect("MAIL FROM:<>\r\n").ends();
    greeted().expect_containing("MAIL FROM:<probe@mx.suspect.example>").reply("553 no\r\n");
    const auto results = probe.run_together({"smtp-relay/plain", "smtp-relay/null-sender", "smtp-relay/percent"});
    EXPECT_EQ(results[0].verdict, Verdict::refused);
    EXPECT_EQ(results[1].verdict, Verdict::unreachable); // hung up in the middle: unknown
    EXPECT_EQ(results[2].verdict, Verdict::refused);
}

TEST_F(SmtpRelayTest, a_second_connection_that_is_refused_closes_no_port) {
    plain_until_rcpt(greeted(), "550 no\r\n").expect("RSET\r\n").ends();
    probe.next_connection(Script::refusing_connections());
    const auto results = probe.run_together({"smtp-relay/plain", "smtp-relay/null-sender"});
    EXPECT_EQ(results[0].verdict, Verdict::refused);
    EXPECT_EQ(results[1].verdict, Verdict::unreachable);
}

TEST_F(SmtpRelayTest, new_connections_end_with_the_time_of_one_conversation) {
    probe.time_per_connection(Duration(40'000)); // of 60 s
    greeted().expect("MAIL FROM:<probe@probe.bl.example>\r\n").ends();
    greeted().expect("MAIL FROM:<>\r\n").ends();
    const auto results = probe.run_together(all_forms);
    EXPECT_EQ(probe.connections, 2U);
    for (const auto& result : results) EXPECT_EQ(result.verdict, Verdict::unreachable);
}

TEST_F(SmtpRelayTest, a_server_that_only_greets_is_not_asked_again) {
    probe.next_connection().reply("220 mx.suspect.example\r\n").expect("EHLO scan.bl.example\r\n").ends();
    for (const auto& result : probe.run_together(all_forms)) EXPECT_EQ(result.verdict, Verdict::unreachable);
    EXPECT_EQ(probe.connections, 1U);
}

// ---- what is no mail server ----

TEST_F(SmtpRelayTest, a_refused_connection_is_a_closed_port) {
    probe.next_connection(Script::refusing_connections());
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::closed_port);
}

TEST_F(SmtpRelayTest, no_connection_is_unreachable) {
    probe.next_connection(Script::failing({Errc::timeout, "no answer"}));
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::unreachable);
}

TEST_F(SmtpRelayTest, trouble_of_our_own_is_not_held_against_the_host) {
    probe.next_connection(Script::failing({Errc::io, "no such source address"}));
    auto result = probe.run("smtp-relay/plain");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_EQ(result.detail, "not tried: no such source address");
    greeted().expect("QUIT\r\n").reply("221 bye\r\n");
    probe.fail_issue({Errc::disk_full, "disk full"});
    result = probe.run("smtp-relay/plain");
    EXPECT_EQ(result.detail, "not tried: disk full");
    EXPECT_EQ(probe.written.find("MAIL"), std::string::npos) << "nothing is sent without a durable token";
}

TEST_F(SmtpRelayTest, silence) {
    probe.next_connection().silence();
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::unreachable);
}

TEST_F(SmtpRelayTest, a_reset_at_once) {
    probe.next_connection().resets();
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::unreachable);
}

TEST_F(SmtpRelayTest, a_web_server_does_not_speak_smtp) {
    probe.next_connection().reply("HTTP/1.1 400 Bad Request\r\n\r\n").ends();
    const auto result = probe.run("smtp-relay/plain");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_TRUE(result.detail.starts_with("does not speak SMTP: ")) << result.detail;
}

TEST_F(SmtpRelayTest, garbage_in_the_middle_is_no_refusal) {
    plain_until_rcpt(greeted(), "what?\r\n");
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::inconclusive);
}

TEST_F(SmtpRelayTest, endless_lines_and_endless_replies_end) {
    probe.next_connection().reply("220 ").endless(std::string(4096, 'x'));
    EXPECT_EQ(probe.run("smtp-relay/plain").verdict, Verdict::inconclusive);
    std::string lines;
    for (int i = 0; i < 100; ++i) lines += "250-more\r\n";
    probe.next_connection().reply("220 mx.suspect.example\r\n").expect("EHLO scan.bl.example\r\n").endless(lines);
    const auto result = probe.run("smtp-relay/plain");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_NE(result.detail.find("talks without end"), std::string::npos) << result.detail;
}

// ---- the message ----

TEST_F(SmtpRelayTest, the_message_says_what_it_is_and_holds_the_token_in_to_only) {
    plain_until_dot(greeted(), "250 ok\r\n");
    probe.run("smtp-relay/plain");
    ASSERT_EQ(probe.issued.size(), 1U);
    const auto begin = probe.written.find("DATA\r\n") + 6;
    const auto message = probe.written.substr(begin, probe.written.find("\r\n.\r\n") - begin);
    for (const auto* part : {"From: ", "Date: Fri, 20 Dec 2019 00:00:00 +0000\r\n", "Message-ID: <",
                             "Subject: ", "https://bl.example/probing", "postmaster@bl.example", "scan.bl.example",
                             "192.0.2.1", "left\r\nalone", "smtp-relay/plain"})
        EXPECT_NE(message.find(part), std::string::npos) << part;
    const auto& token = probe.issued[0].token.text;
    const auto at = message.find(token);
    EXPECT_EQ(message.find("To: <" + token), at - 5);
    EXPECT_EQ(message.find(token, at + 1), std::string::npos);
    EXPECT_EQ(message.find("\n."), std::string::npos);
    for (auto at = message.find('\n'); at != std::string::npos; at = message.find('\n', at + 1))
        EXPECT_EQ(message[at - 1], '\r');
}

} // namespace
} // namespace provenbl::verifier
