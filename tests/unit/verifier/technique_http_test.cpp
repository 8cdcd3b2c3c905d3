// http/connect and http/get: real proxies, and the web servers that only look like one.
#include "tests/support/scripted_probe.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier {
namespace {

using test::Script;
using test::ScriptedProbe;

class HttpTest : public ::testing::Test {
protected:
    HttpTest() { probe.set_target({Address::v4(192, 0, 2, 1), 3128}); }
    Script& asked(const char* port = "25") {
        return probe.next_connection().expect_containing(std::string("CONNECT 198.51.100.9:") + port +
                                                         " HTTP/1.1\r\nHost: 198.51.100.9:" + port + "\r\n");
    }
    Script& get() {
        return probe.next_connection().expect_containing(
            "GET http://198.51.100.9:8443/{token} HTTP/1.1\r\nHost: 198.51.100.9:8443\r\n");
    }
    void named() {
        probe.change_settings().callback_name = "callback.probe.example";
        probe.change_settings().callback_named = {Address::v4(198, 51, 100, 9)};
    }
    ScriptedProbe probe;
};

// ---- CONNECT ----

TEST_F(HttpTest, connect_open_when_the_answer_comes_back) {
    asked()
        .reply("HTTP/1.1 200 Connection established\r\nProxy-Agent: tinyproxy/1.11.1\r\n\r\n")
        .expect("NOOP {token}\r\n")
        .reply("250 {answer}\r\n");
    const auto result = probe.run("http/connect");
    EXPECT_EQ(result.verdict, Verdict::open);
    EXPECT_EQ(probe.software_seen, "tinyproxy/1.11.1");
    EXPECT_NE(probe.written.find("User-Agent: provenbl (+https://bl.example/probing; postmaster@bl.example)\r\n"),
              std::string::npos);
    EXPECT_EQ(probe.issued[0].repeat, "printf 'NOOP TOKEN\\r\\n' | curl -sm 20 --proxytunnel -x "
                                      "http://192.0.2.1:3128 telnet://198.51.100.9:25");
}

TEST_F(HttpTest, connect_behind_interim_responses) {
    asked()
        .reply("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\n")
        .expect("NOOP {token}\r\n")
        .reply("{answer}\r\n");
    EXPECT_EQ(probe.run("http/connect").verdict, Verdict::open);
}

TEST_F(HttpTest, a_proxy_open_for_443_only_is_open_for_browsing) {
    asked().reply("HTTP/1.1 403 Forbidden\r\nServer: squid/5.7\r\n\r\n<html>");
    asked("8443").reply("HTTP/1.1 200 OK\r\n\r\n").expect("NOOP {token}\r\n").reply("{answer}\r\n");
    const auto result = probe.run("http/connect");
    EXPECT_EQ(result.verdict, Verdict::open);
    EXPECT_NE(result.detail.find("port 8443"), std::string::npos);
}

TEST_F(HttpTest, connect_refused_by_rule) {
    asked().reply("HTTP/1.1 403 Forbidden\r\n\r\n");
    asked("8443").reply("HTTP/1.1 403 No\r\n\r\n");
    const auto result = probe.run("http/connect");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_EQ(result.detail, "port 25: HTTP/1.1 403 Forbidden; port 8443: HTTP/1.1 403 No");
}

TEST_F(HttpTest, a_sink_that_could_not_be_reached_is_not_a_refusal) {
    for (const std::string status : {"500 Error", "502 Bad Gateway", "503 Unavailable", "504 Gateway Timeout"}) {
        asked().reply("HTTP/1.1 403 Forbidden\r\n\r\n");
        asked("8443").reply("HTTP/1.1 " + status + "\r\n\r\n");
        auto result = probe.run("http/connect");
        EXPECT_EQ(result.verdict, Verdict::inconclusive);
        EXPECT_EQ(result.detail, "port 25: HTTP/1.1 403 Forbidden; port 8443: the proxy tried and could not reach our "
                                 "sink: HTTP/1.1 " +
                                     status);
        get().reply("HTTP/1.1 " + status + "\r\nContent-Length: 6\r\n\r\n<html>");
        result = probe.run("http/get");
        EXPECT_EQ(result.verdict, Verdict::inconclusive);
        EXPECT_EQ(result.detail, "port 8443: the proxy tried and could not reach our sink: HTTP/1.1 " + status);
    }
}

TEST_F(HttpTest, a_proxy_that_goes_to_names_alone_is_asked_by_our_sinks_name) {
    named();
    get().reply("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    probe.next_connection()
        .expect_containing("GET http://callback.probe.example:8443/{token} HTTP/1.1\r\nHost: "
                           "callback.probe.example:8443\r\n")
        .reply("HTTP/1.1 200 OK\r\n\r\n{answer}\n");
    const auto fetched = probe.run("http/get");
    EXPECT_EQ(fetched.verdict, Verdict::open);
    EXPECT_EQ(fetched.detail, "fetched our answer from port 8443 of our sink (callback.probe.example:8443)");

    asked().reply("HTTP/1.1 403 Forbidden\r\n\r\n");
    asked("8443").reply("HTTP/1.1 403 Forbidden\r\n\r\n");
    probe.next_connection()
        .expect_containing("CONNECT callback.probe.example:25 HTTP/1.1\r\nHost: callback.probe.example:25\r\n")
        .reply("HTTP/1.1 200 OK\r\n\r\n")
        .expect("NOOP {token}\r\n")
        .reply("{answer}\r\n");
    EXPECT_EQ(probe.run("http/connect").verdict, Verdict::open);
}

TEST_F(HttpTest, a_gateway_that_is_silent_to_an_address_is_asked_once_by_name) {
    named();
    get().silence();
    probe.next_connection()
        .expect_containing("GET http://callback.probe.example:8443/{token} HTTP/1.1\r\n")
        .reply("HTTP/1.1 200 OK\r\n\r\n{answer}\n");
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::open);
    get().silence();
    probe.next_connection().expect_containing("GET http://callback.probe.example:8443/").silence();
    const auto result = probe.run("http/get");
    EXPECT_EQ(result.verdict, Verdict::unreachable);
    EXPECT_EQ(probe.connections, 4U);
}

TEST_F(HttpTest, a_refusal_by_name_does_not_answer_for_an_address_that_is_slow_today) {
    named();
    get().silence();
    probe.next_connection()
        .expect_containing("GET http://callback.probe.example:8443/")
        .reply("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::unreachable);
}

TEST_F(HttpTest, only_who_judges_the_target_is_asked_by_name) {
    named();
    get().reply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"); // a web server
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::refused);
    EXPECT_EQ(probe.connections, 1U);
    get().reply("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::refused);
    EXPECT_EQ(probe.connections, 2U);
}

TEST_F(HttpTest, a_target_whose_address_the_name_does_not_have_is_not_asked_for_by_it) {
    named();
    probe.change_settings().callback_named = {Address::v4(198, 51, 100, 10)};
    get().reply("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::inconclusive);
    EXPECT_EQ(probe.connections, 1U);
}

TEST_F(HttpTest, a_method_or_version_that_is_not_supported_is_a_refusal) {
    for (const std::string status : {"501 Not Implemented", "505 HTTP Version Not Supported"}) {
        asked().reply("HTTP/1.1 " + status + "\r\n\r\n");
        EXPECT_EQ(probe.run("http/connect").verdict, Verdict::refused);
        get().reply("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
        EXPECT_EQ(probe.run("http/get").verdict, Verdict::refused);
    }
}

TEST_F(HttpTest, a_failure_whose_page_never_ends_is_judged_by_its_beginning) {
    get().reply("HTTP/1.1 502 Bad Gateway\r\n\r\n").endless(std::string(4096, 'x'));
    auto result = probe.run("http/get");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_NE(result.detail.find("could not reach our sink"), std::string::npos) << result.detail;
    get().reply("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9\r\n\r\nx").silence();
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::inconclusive);
}

TEST_F(HttpTest, a_busy_sink_is_our_own_trouble) {
    for (const std::string response :
         {"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 9\r\n\r\n421 busy\n",
          "HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n421 busy\n\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n421 busy\n"}) {
        get().drip().reply(response);
        const auto result = probe.run("http/get");
        EXPECT_EQ(result.verdict, Verdict::inconclusive);
        EXPECT_TRUE(result.detail.starts_with("not tried: ")) << result.detail;
    }
    asked()
        .reply("HTTP/1.1 200 OK\r\n\r\n")
        .expect("NOOP {token}\r\n")
        .reply("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 9\r\n\r\n421 busy\n")
        .ends();
    const auto result = probe.run("http/connect");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_TRUE(result.detail.starts_with("not tried: ")) << result.detail;
}

TEST_F(HttpTest, what_speaks_of_the_method_is_not_asked_again) {
    for (const auto* answer : {"HTTP/1.1 407 Proxy Authentication Required", "HTTP/1.1 405 Not Allowed",
                               "HTTP/1.1 400 Bad Request", "HTTP/1.1 302 Found"}) {
        asked().reply(std::string(answer) + "\r\nProxy-Authenticate: Basic\r\n\r\n");
        const auto result = probe.run("http/connect");
        EXPECT_EQ(result.verdict, Verdict::refused);
        EXPECT_EQ(result.detail, answer);
    }
    EXPECT_EQ(probe.written.find("Authorization"), std::string::npos) << "no credential is ever tried";
}

TEST_F(HttpTest, two_hundred_to_everything_is_no_proxy) {
    for (const auto* port : {"25", "8443"}) {
        asked(port)
            .reply("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 5\r\n\r\nhello")
            .expect("NOOP {token}\r\n")
            .reply("HTTP/1.1 400 Bad Request\r\n\r\n")
            .ends();
    }
    const auto result = probe.run("http/connect");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_TRUE(probe.confirmed.empty());
}

TEST_F(HttpTest, two_hundred_then_silence_is_no_proof) {
    for (const auto* port : {"25", "8443"})
        asked(port).reply("HTTP/1.1 200 OK\r\n\r\n").expect("NOOP {token}\r\n").silence().expect("\r\n").silence();
    EXPECT_EQ(probe.run("http/connect").verdict, Verdict::inconclusive);
}

TEST_F(HttpTest, an_echo_is_no_proxy) {
    for (const auto* port : {"25", "8443"})
        asked(port).reply("HTTP/1.1 200 OK\r\n\r\n").expect("NOOP {token}\r\n").reply("NOOP {token}\r\n");
    EXPECT_EQ(probe.run("http/connect").verdict, Verdict::refused);
}

TEST_F(HttpTest, garbage_silence_reset_and_endless_heads) {
    for (const auto* technique : {"http/connect", "http/get"}) {
        probe.next_connection().expect_containing("").reply("220 mx ESMTP\r\n");
        auto result = probe.run(technique);
        EXPECT_EQ(result.verdict, Verdict::refused);
        EXPECT_TRUE(result.detail.starts_with("does not speak HTTP")) << result.detail;
        probe.next_connection().expect_containing("").silence();
        EXPECT_EQ(probe.run(technique).verdict, Verdict::unreachable);
        probe.next_connection().expect_containing("").resets();
        EXPECT_EQ(probe.run(technique).verdict, Verdict::unreachable);
        probe.next_connection().expect_containing("").reply("HTTP/1.1 200 OK\r\nA: ").endless(std::string(4096, 'x'));
        EXPECT_EQ(probe.run(technique).verdict, Verdict::inconclusive);
        probe.next_connection(Script::refusing_connections());
        EXPECT_EQ(probe.run(technique).verdict, Verdict::closed_port);
    }
}

TEST_F(HttpTest, interim_responses_without_end) {
    asked().endless("HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(probe.run("http/connect").verdict, Verdict::inconclusive);
}

// ---- GET ----

TEST_F(HttpTest, get_open_when_the_answer_is_in_the_body) {
    get().drip().reply(
        "HTTP/1.1 200 OK\r\nServer: ours\r\nVia: 1.1 gw (squid/5.7)\r\nContent-Length: 41\r\n\r\n{answer}\n");
    const auto result = probe.run("http/get");
    EXPECT_EQ(result.verdict, Verdict::open);
    EXPECT_EQ(result.detail, "fetched our answer from port 8443 of our sink (198.51.100.9:8443)");
    EXPECT_EQ(probe.software_seen, "squid/5.7");
    EXPECT_EQ(probe.issued[0].repeat, "curl -sm 20 -x http://192.0.2.1:3128 http://198.51.100.9:8443/TOKEN");
    EXPECT_EQ(probe.confirmed.size(), 1U);
}

TEST_F(HttpTest, get_open_in_a_chunked_body_or_one_without_length) {
    get().reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n29\r\n{answer}\n\r\n0\r\n\r\n");
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::open);
    get().reply("HTTP/1.0 200 OK\r\n\r\n{answer}\n").ends();
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::open);
}

TEST_F(HttpTest, get_is_never_asked_for_the_mail_sink) {
    probe.change_settings().callback_targets.pop_back(); // port 25 remains
    const auto result = probe.run("http/get");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_TRUE(result.detail.starts_with("not tried: ")) << result.detail;
    EXPECT_EQ(probe.connections, 0U);
}

TEST_F(HttpTest, a_page_of_its_own_is_no_proxy) {
    get().reply("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 7\r\n\r\nwelcome");
    const auto result = probe.run("http/get");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_EQ(result.detail, "port 8443: HTTP/1.1 200 OK: served a page of its own: \"welcome\"");
    EXPECT_EQ(probe.software_seen, "nginx/1.22.1");
}

TEST_F(HttpTest, a_page_that_echoes_the_request_is_no_proxy) {
    get().reply("HTTP/1.1 200 OK\r\n\r\nGET http://198.51.100.9:8443/{token} HTTP/1.1").ends();
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::refused);
    EXPECT_TRUE(probe.confirmed.empty());
}

TEST_F(HttpTest, a_captive_portal_is_no_proxy) {
    get().reply("HTTP/1.1 302 Found\r\nLocation: http://portal.example/login\r\n\r\n");
    const auto result = probe.run("http/get");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_NE(result.detail.find("redirects to http://portal.example/login"), std::string::npos) << result.detail;
}

TEST_F(HttpTest, get_refused) {
    get().reply("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::refused);
}

TEST_F(HttpTest, a_body_that_stalls_or_never_ends_is_unknown) {
    get().reply("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nfew").silence();
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::inconclusive);
    get().reply("HTTP/1.1 200 OK\r\n\r\n").endless(std::string(4096, 'x'));
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::inconclusive);
    get().reply("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nfew").resets();
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::unreachable);
}

TEST_F(HttpTest, get_with_an_answer_that_the_sink_knows_nothing_of_is_no_proof) {
    probe.fail_confirm({Errc::not_allowed, "the token has not arrived at a sink"});
    get().reply("HTTP/1.1 200 OK\r\n\r\n{answer}");
    EXPECT_EQ(probe.run("http/get").verdict, Verdict::inconclusive);
}

} // namespace
} // namespace provenbl::verifier
