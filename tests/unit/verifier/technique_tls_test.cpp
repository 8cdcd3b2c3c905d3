// tls/*: proxies that are themselves spoken to through TLS.
#include "tests/support/scripted_probe.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier {
namespace {

using namespace std::string_literals;
using test::ScriptedProbe;

class TlsTest : public ::testing::Test {
protected:
    TlsTest() { probe.set_target({Address::v4(192, 0, 2, 1), 443}); }
    ScriptedProbe probe;
};

TEST_F(TlsTest, connect_inside_tls) {
    probe.next_connection()
        .expect_tls(true)
        .expect_containing("CONNECT 198.51.100.9:25 HTTP/1.1\r\n")
        .reply("HTTP/1.1 200 Connection established\r\n\r\n")
        .expect("NOOP {token}\r\n")
        .reply("250 {answer}\r\n");
    EXPECT_EQ(probe.run("tls/http-connect").verdict, Verdict::open);
    EXPECT_EQ(probe.issued[0].repeat, "printf 'NOOP TOKEN\\r\\n' | curl -sm 20 --proxytunnel --proxy-insecure "
                                      "-x https://192.0.2.1:443 telnet://198.51.100.9:25");
}

TEST_F(TlsTest, get_inside_tls) {
    probe.next_connection()
        .expect_tls(true)
        .expect_containing("GET http://198.51.100.9:8443/{token} HTTP/1.1\r\n")
        .reply("HTTP/1.1 200 OK\r\n\r\n{answer}\n");
    EXPECT_EQ(probe.run("tls/http-get").verdict, Verdict::open);
}

TEST_F(TlsTest, socks5_inside_tls_goes_step_by_step) {
    probe.next_connection()
        .drip()
        .expect_tls(true)
        .expect("\x05\x01\x00"s)
        .reply("\x05\x00"s)
        .expect("\x05\x01\x00\x01\xc6\x33\x64\x09\x00\x19"s)
        .reply("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"s)
        .expect("NOOP {token}\r\n")
        .reply("250 {answer}\r\n");
    EXPECT_EQ(probe.run("tls/socks5").verdict, Verdict::open);
    EXPECT_NE(probe.issued[0].repeat.find("openssl s_client -quiet -connect 192.0.2.1:443"), std::string::npos);
}

TEST_F(TlsTest, without_tls_nothing_is_said_and_its_relatives_are_hopeless) {
    for (const auto* technique : {"tls/http-connect", "tls/http-get", "tls/socks5"}) {
        probe.next_connection().expect_tls(false);
        const auto result = probe.run(technique);
        EXPECT_EQ(result.verdict, Verdict::refused);
        EXPECT_TRUE(result.detail.starts_with("does not speak TLS")) << result.detail;
        EXPECT_EQ(result.hint, Hint::hopeless);
    }
    EXPECT_EQ(probe.connections, 3U) << "another target would fare no better";
    EXPECT_TRUE(probe.issued.empty());
    EXPECT_TRUE(probe.written.empty());
}

TEST_F(TlsTest, a_closed_port) {
    probe.next_connection(test::Script::refusing_connections());
    EXPECT_EQ(probe.run("tls/http-connect").verdict, Verdict::closed_port);
}

} // namespace
} // namespace provenbl::verifier
