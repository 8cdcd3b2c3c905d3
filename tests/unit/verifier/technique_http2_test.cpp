// http2/connect and tls/http2-connect against scripted proxies, frame by frame (RFC 9113 section 4.1).
#include "tests/support/scripted_probe.hpp"
#include "verifier/wire/http2_tunnel.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier {
namespace {

using namespace std::string_literals;
using test::Script;
using test::ScriptedProbe;

std::string frame(char type, char flags, char stream, const std::string& payload) {
    return std::string{
               0,     static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size()), type, flags, 0, 0, 0,
               stream} +
           payload;
}
const auto settings = frame(4, 0, 0, "");
const auto acknowledged = frame(4, 1, 0, "");
const auto status_200 = frame(1, 4, 1, "\x88"s); // HPACK's static table
std::string status(const std::string& code, char flags = 4) {
    return frame(1, flags, 1, "\x08\x03"s + code); // a literal value, not indexed
}
// Of {token} or {answer}: 40 bytes.
std::string data_with(const std::string& text, std::size_t size) {
    return std::string{0, 0, static_cast<char>(size), 0, 0, 0, 0, 0, 1} + text;
}

class Http2Test : public ::testing::Test {
protected:
    Http2Test() {
        probe.set_target({Address::v4(192, 0, 2, 1), 8080});
        probe.change_settings().callback_targets.resize(1);
    }
    Script& opened() {
        return probe.next_connection()
            .expect_containing("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            .reply(settings)
            .expect(acknowledged);
    }
    Script& granted() { return opened().reply(status_200).expect(data_with("NOOP {token}\r\n", 47)); }
    ScriptedProbe probe;
};

TEST_F(Http2Test, open_when_the_answer_comes_back) {
    granted().reply(data_with("250 {answer}\r\n", 46));
    const auto result = probe.run("http2/connect");
    EXPECT_EQ(result.verdict, Verdict::open) << result.detail;
    EXPECT_EQ(result.detail, "connected us to port 25 of our sink (198.51.100.9:25) and brought its answer back");
    EXPECT_EQ(probe.confirmed.size(), 1U);
    EXPECT_TRUE(probe.issued[0].repeat.starts_with("(printf 'PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n\\000"));
    EXPECT_TRUE(probe.issued[0].repeat.ends_with("; sleep 5) | nc 192.0.2.1 8080")) << probe.issued[0].repeat;
}

TEST_F(Http2Test, inside_tls_with_alpn) {
    probe.set_target({Address::v4(192, 0, 2, 1), 443});
    probe.next_connection()
        .expect_tls(true)
        .expect_containing("PRI * HTTP/2.0")
        .reply(settings)
        .expect(acknowledged)
        .reply(status_200)
        .expect_containing("NOOP {token}")
        .reply(data_with("250 {answer}\r\n", 46));
    EXPECT_EQ(probe.run("tls/http2-connect").verdict, Verdict::open);
    EXPECT_TRUE(probe.issued[0].repeat.ends_with("openssl s_client -quiet -alpn h2 -connect 192.0.2.1:443"));
    EXPECT_EQ(find_technique("tls/http2-connect")->protocol, "h2");
}

// Others speak TLS without h2.
TEST_F(Http2Test, without_h2_its_relatives_inside_tls_are_tried_all_the_same) {
    probe.next_connection().expect_tls(false);
    const auto result = probe.run("tls/http2-connect");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_EQ(result.hint, Hint::none);
    EXPECT_TRUE(probe.written.empty());
}

TEST_F(Http2Test, frames_in_single_bytes_and_behind_interim_responses) {
    probe.next_connection()
        .drip()
        .expect_containing("PRI * HTTP/2.0")
        .reply(settings)
        .expect(acknowledged)
        .reply(status("103") + status_200)
        .expect_containing("NOOP {token}")
        .reply(data_with("220 sink\r\n", 10) + data_with("250 {answer}\r\n", 46));
    EXPECT_EQ(probe.run("http2/connect").verdict, Verdict::open);
}

TEST_F(Http2Test, refusals_and_failures_behind_the_proxy) {
    opened().reply(status("407"));
    auto result = probe.run("http2/connect");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_EQ(result.detail, "HTTP/2 407");
    opened().reply(status("403", 5));
    EXPECT_EQ(probe.run("http2/connect").verdict, Verdict::refused);
    opened().reply(status("502"));
    EXPECT_EQ(probe.run("http2/connect").verdict, Verdict::inconclusive);
    opened().reply(frame(3, 0, 1, "\x00\x00\x00\x0a"s));
    result = probe.run("http2/connect");
    EXPECT_EQ(result.verdict, Verdict::inconclusive) << "CONNECT_ERROR";
    EXPECT_NE(result.detail.find("CONNECT_ERROR"), std::string::npos) << result.detail;
    opened().reply(frame(3, 0, 1, "\x00\x00\x00\x07"s));
    result = probe.run("http2/connect");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_EQ(result.detail, "HTTP/2 stream ended with REFUSED_STREAM");
    EXPECT_TRUE(probe.issued.empty());
}

TEST_F(Http2Test, complaints_of_how_much_we_ask) {
    for (const auto& said : {status("429"), frame(7, 0, 0, "\x00\x00\x00\x00\x00\x00\x00\x0b"s)}) {
        opened().reply(said);
        const auto result = probe.run("http2/connect");
        EXPECT_EQ(result.verdict, Verdict::unreachable) << result.detail;
        EXPECT_EQ(result.hint, Hint::unwelcome);
    }
}

TEST_F(Http2Test, a_grant_an_echo_or_a_page_is_no_proof) {
    granted().silence().expect_containing("\r\n").silence();
    EXPECT_EQ(probe.run("http2/connect").verdict, Verdict::inconclusive);
    granted().reply(data_with("NOOP {token}\r\n", 47)).silence();
    EXPECT_EQ(probe.run("http2/connect").verdict, Verdict::refused);
    granted().reply(frame(3, 0, 1, "\x00\x00\x00\x08"s));
    EXPECT_EQ(probe.run("http2/connect").verdict, Verdict::inconclusive) << "granted, then ended";
    EXPECT_TRUE(probe.confirmed.empty());
}

TEST_F(Http2Test, what_is_not_http2) {
    for (const auto* said : {"HTTP/1.1 400 Bad Request\r\n\r\n", "220 mx.example ESMTP\r\n", "SSH-2.0-OpenSSH\r\n"}) {
        probe.next_connection().expect_containing("PRI").reply(said);
        const auto result = probe.run("http2/connect");
        EXPECT_EQ(result.verdict, Verdict::refused) << said;
        EXPECT_TRUE(result.detail.starts_with("does not speak HTTP/2: not HTTP/2: \"")) << result.detail;
    }
    probe.next_connection().expect_containing("PRI").silence();
    EXPECT_EQ(probe.run("http2/connect").verdict, Verdict::unreachable);
    probe.next_connection().expect_containing("PRI").resets();
    EXPECT_EQ(probe.run("http2/connect").verdict, Verdict::unreachable);
    probe.next_connection(Script::refusing_connections());
    EXPECT_EQ(probe.run("http2/connect").verdict, Verdict::closed_port);
}

// ---- the codec by itself ----

wire::Http2Tunnel tunnel_to_sink() {
    return {{Address::v4(198, 51, 100, 9), 25}, "us"};
}

TEST(Http2Tunnel, header_fields_without_end_are_a_limit) {
    auto tunnel = tunnel_to_sink();
    (void)tunnel.say();
    ASSERT_TRUE(tunnel.take(settings));
    // One literal field of 4000 bytes put into the table, then named again and again: a bomb of HPACK.
    const auto bomb = "\x40\x01x\x7f\xa1\x1e"s + std::string(4000, 'y') + std::string(100, '\xbe');
    auto refused = tunnel.take(frame(1, 0, 1, "\x88"s + bomb));
    if (refused) refused = tunnel.take(frame(9, 4, 1, std::string(100, '\xbe')));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::limit) << refused.error().message;
}

TEST(Http2Tunnel, pings_without_end_are_answered_or_refused_but_not_hoarded) {
    auto tunnel = tunnel_to_sink();
    ASSERT_TRUE(tunnel.take(settings));
    Result<> taken;
    for (int i = 0; taken && i < 1000; ++i) taken = tunnel.take(frame(6, 0, 0, std::string(8, 'p')));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Errc::limit);
    EXPECT_LT(tunnel.say().size(), 4096U);
}

TEST(Http2Tunnel, broken_frames_end_it) {
    for (const auto& broken : {frame(0, 0, 0, "data on stream 0"), frame(1, 4, 1, "\xff\xff\xff\xff\xff"s),
                               "\xff\xff\xff\x00\x00\x00\x00\x00\x01"s, frame(5, 4, 1, "\x00\x00\x00\x02\x88"s)}) {
        auto tunnel = tunnel_to_sink();
        ASSERT_TRUE(tunnel.take(settings + acknowledged)); // ours hold from here on
        (void)tunnel.say();
        const auto taken = tunnel.take(broken);
        (void)tunnel.say();
        EXPECT_TRUE(!taken || tunnel.ended());
        EXPECT_FALSE(tunnel.head());
    }
}

} // namespace
} // namespace provenbl::verifier
