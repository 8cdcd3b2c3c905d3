// POST and PUT, mail by POST, page scripts and telnet gateways.
#include "tests/support/scripted_probe.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier {
namespace {

using test::Script;
using test::ScriptedProbe;

class OddProxyTest : public ::testing::Test {
protected:
    OddProxyTest() { probe.set_target({Address::v4(192, 0, 2, 1), 8080}); }
    Script& posted() {
        probe.change_identity().mail_addresses = {Address::v4(198, 51, 100, 25)};
        return probe.next_connection().expect_containing("RCPT TO:<{token}@probe.bl.example>\r\nDATA\r\n");
    }
    Script& at_prompt(const char* prompt = "WinGate>") {
        one_target();
        return probe.next_connection().reply(prompt).silence().expect("198.51.100.9 25\r\n");
    }
    void one_target() { probe.change_settings().callback_targets.resize(1); }
    void high_target() {
        probe.change_settings().callback_targets.erase(probe.change_settings().callback_targets.begin());
    }
    ScriptedProbe probe;
};

// ---- POST and PUT ----

TEST_F(OddProxyTest, post_and_put_are_proven_by_the_answer) {
    for (const auto& [technique, method] : {std::pair{"http/post", "POST"}, std::pair{"http/put", "PUT"}}) {
        probe.next_connection()
            .expect_containing(std::string(method) + " http://198.51.100.9:8443/{token} HTTP/1.1\r\n")
            .reply("HTTP/1.1 200 OK\r\nContent-Length: 41\r\n\r\n{answer}\n");
        EXPECT_EQ(probe.run(technique).verdict, Verdict::open);
        EXPECT_EQ(probe.issued.back().repeat, std::string("curl -sm 20 -X ") + method +
                                                  " -d test -x http://192.0.2.1:8080 http://198.51.100.9:8443/TOKEN");
    }
}

TEST_F(OddProxyTest, a_200_to_a_post_is_no_proof) {
    probe.next_connection().expect_containing("POST http://").reply("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nDone");
    EXPECT_EQ(probe.run("http/post").verdict, Verdict::refused);
    EXPECT_TRUE(probe.confirmed.empty());
}

// ---- mail by POST ----

TEST_F(OddProxyTest, a_posted_mail_is_proven_by_its_arrival_whatever_the_proxy_says) {
    for (const auto* reply : {"HTTP/1.1 200 OK\r\n\r\n", "220 sink ESMTP\r\n", "HTTP/1.1 502 Bad Gateway\r\n\r\n",
                              "HTTP/1.1 403 Forbidden\r\n\r\n"}) {
        posted().reply(reply);
        probe.arrives("http/post-mail");
        EXPECT_EQ(probe.run("http/post-mail").verdict, Verdict::open) << reply;
    }
}

TEST_F(OddProxyTest, a_posted_mail_that_does_not_arrive_is_no_proof) {
    posted().reply("HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_EQ(probe.run("http/post-mail").verdict, Verdict::inconclusive);
    posted().reply("HTTP/1.1 403 Forbidden\r\n\r\n");
    EXPECT_EQ(probe.run("http/post-mail").verdict, Verdict::refused);
    posted().reply("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    EXPECT_EQ(probe.run("http/post-mail").verdict, Verdict::inconclusive);
}

TEST_F(OddProxyTest, the_length_of_a_posted_mail_is_right) {
    posted().reply("HTTP/1.1 403 no\r\n\r\n");
    probe.run("http/post-mail");
    const auto head = probe.written.find("\r\n\r\n");
    const auto length = probe.written.find("Content-Length: ");
    ASSERT_NE(length, std::string::npos);
    EXPECT_EQ(std::stoul(probe.written.substr(length + 16)), probe.written.size() - head - 4);
    EXPECT_TRUE(probe.written.starts_with("POST http://198.51.100.25:25/ HTTP/1.1\r\n")) << probe.written.substr(0, 60);
    EXPECT_TRUE(probe.written.ends_with("\r\n.\r\nQUIT\r\n"));
}

TEST_F(OddProxyTest, without_a_mail_sink_no_mail_is_posted) {
    EXPECT_TRUE(probe.run("http/post-mail").detail.starts_with("not tried: "));
    EXPECT_EQ(probe.connections, 0U);
}

// ---- page scripts ----

TEST_F(OddProxyTest, a_script_that_fetches_our_page_is_open) {
    probe.next_connection()
        .expect_containing("GET /?url=http%3A%2F%2F198.51.100.9%3A8443%2F{token} HTTP/1.1\r\nHost: 192.0.2.1:8080\r\n")
        .reply("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    probe.next_connection()
        .expect_containing("GET /?q=http%3A%2F%2F198.51.100.9%3A8443%2F{token} HTTP/1.1\r\n")
        .reply("HTTP/1.1 200 OK\r\n\r\n<html>{answer}</html>");
    const auto result = probe.run("web/page");
    EXPECT_EQ(result.verdict, Verdict::open);
    EXPECT_NE(result.detail.find("/?q="), std::string::npos) << result.detail;
    EXPECT_EQ(find_technique("web/page")->cls, ListingClass::web);
}

TEST_F(OddProxyTest, a_redirect_to_our_page_is_no_proof) {
    for (int i = 0; i < 6; ++i)
        probe.next_connection().expect_containing("GET /").reply(
            "HTTP/1.1 302 Found\r\nLocation: http://198.51.100.9:8443/{token}\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(probe.run("web/page").verdict, Verdict::refused);
}

TEST_F(OddProxyTest, what_is_no_web_server_is_asked_once) {
    probe.next_connection().expect_containing("GET /").reply("220 mx ESMTP\r\n");
    EXPECT_EQ(probe.run("web/page").verdict, Verdict::refused);
    probe.next_connection().expect_containing("GET /").silence();
    EXPECT_EQ(probe.run("web/page").verdict, Verdict::unreachable);
}

// ---- telnet gateways ----

TEST_F(OddProxyTest, a_gateway_that_leads_to_our_sink_is_open) {
    at_prompt()
        .reply("Connecting to host 198.51.100.9...Connected\r\n220 provenbl callback\r\n")
        .silence()
        .expect("NOOP {token}\r\n")
        .reply("250 {answer}\r\n");
    EXPECT_EQ(probe.run("telnet/connect").verdict, Verdict::open);
    EXPECT_EQ(probe.issued[0].repeat, "(printf '198.51.100.9 25\\r\\n'; sleep 1; printf 'NOOP TOKEN\\r\\n'; sleep 5)"
                                      " | nc 192.0.2.1 8080");
}

TEST_F(OddProxyTest, whoever_asks_for_a_name_is_not_talked_to) {
    for (const auto* prompt :
         {"Debian GNU/Linux 12\r\nhost login: ", "Username: ", "Password:", "User Access Verification\r\n"}) {
        one_target();
        probe.next_connection().reply(prompt).silence();
        EXPECT_EQ(probe.run("telnet/connect").verdict, Verdict::refused) << prompt;
    }
    EXPECT_TRUE(probe.written.empty());
}

TEST_F(OddProxyTest, another_protocol_is_not_talked_to) {
    for (const auto* banner : {"220 mx ESMTP\r\n", "SSH-2.0-OpenSSH_9.2\r\n"}) {
        probe.next_connection().reply(banner).silence();
        EXPECT_EQ(probe.run("telnet/connect").verdict, Verdict::refused) << banner;
    }
    EXPECT_TRUE(probe.written.empty());
}

TEST_F(OddProxyTest, a_gateway_that_fails_to_reach_our_sink_has_not_refused) {
    at_prompt().reply("Connecting to host 198.51.100.9...Host unreachable\r\n").silence();
    EXPECT_EQ(probe.run("telnet/connect").verdict, Verdict::inconclusive);
}

TEST_F(OddProxyTest, an_echo_is_no_gateway) {
    at_prompt("$ ").reply("198.51.100.9 25\r\n$ ").silence().expect("NOOP {token}\r\n").reply("NOOP {token}\r\n$ ");
    EXPECT_EQ(probe.run("telnet/connect").verdict, Verdict::refused);
    EXPECT_TRUE(probe.confirmed.empty());
}

} // namespace
} // namespace provenbl::verifier
