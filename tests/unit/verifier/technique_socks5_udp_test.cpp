// socks5/udp: an association over TCP, and datagrams beside it.
#include "tests/support/scripted_probe.hpp"
#include "verifier/wire/socks.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier {
namespace {

using namespace std::string_literals;
using test::Script;
using test::ScriptedProbe;

const auto greeting = "\x05\x01\x00"s;
const auto associate = "\x05\x03\x00\x01\x00\x00\x00\x00\x00\x00"s;
const auto wrapping = "\x00\x00\x00\x01\xc6\x33\x64\x09\x00\x19"s; // towards our sink, and from it

class Socks5UdpTest : public ::testing::Test {
protected:
    Socks5UdpTest() {
        probe.set_target({Address::v4(192, 0, 2, 1), 1080});
        probe.change_settings().callback_targets.resize(1);
    }
    Script& asked() { return probe.next_connection().drip().expect(greeting).reply("\x05\x00"s).expect(associate); }
    // 192.0.2.1:0x1234
    Script& associated(const std::string& bound = "\x00\x00\x00\x00"s) {
        asked().reply("\x05\x00\x00\x01"s + bound + "\x12\x34"s);
        return probe.next_datagrams(0x1234);
    }
    ScriptedProbe probe;
};

TEST_F(Socks5UdpTest, open_when_the_answer_comes_back) {
    associated().expect(wrapping + "NOOP {token}\r\n").reply(wrapping + "{answer}");
    const auto result = probe.run("socks5/udp");
    EXPECT_EQ(result.verdict, Verdict::open) << result.detail;
    EXPECT_EQ(result.detail,
              "relayed our datagram to port 25 of our sink (198.51.100.9:25) and brought its answer back");
    ASSERT_EQ(probe.confirmed.size(), 1U);
    EXPECT_EQ(probe.issued[0].repeat,
              "python3 -c 'import socket as s; c=s.create_connection((\"192.0.2.1\",1080),9); "
              "c.sendall(b\"\\x05\\x01\\x00\"); print(c.recv(99)); "
              "c.sendall(b\"\\x05\\x03\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\"); print(c.recv(99))'");
}

TEST_F(Socks5UdpTest, a_lost_datagram_is_said_again) {
    associated()
        .expect_containing("NOOP {token}")
        .silence()
        .expect_containing("NOOP {token}")
        .reply(wrapping + "{answer}");
    EXPECT_EQ(probe.run("socks5/udp").verdict, Verdict::open);
}

// next_datagrams() knows ports of the suspect only: whatever address is named, it is his own that is sent to.
TEST_F(Socks5UdpTest, an_address_of_a_third_party_gets_nothing) {
    associated("\xcb\x00\x71\x05"s).expect_containing("NOOP").reply(wrapping + "{answer}");
    EXPECT_EQ(probe.run("socks5/udp").verdict, Verdict::open);
    const auto told = std::any_of(probe.notes.begin(), probe.notes.end(), [](const std::string& note) {
        return note == "the host names 203.0.113.5:4660 for its datagrams; they go to 192.0.2.1:4660 all the same";
    });
    EXPECT_TRUE(told);
}

TEST_F(Socks5UdpTest, an_ipv6_proxy_and_an_ipv6_sink) {
    probe.set_target({Address::parse("2001:db8::1").value(), 1080});
    probe.change_settings().callback_targets = {{Address::parse("2001:db8::9").value(), 25}};
    probe.next_connection()
        .expect(greeting)
        .reply("\x05\x00"s)
        .expect("\x05\x03\x00\x04"s + std::string(18, '\0'))
        .reply("\x05\x00\x00\x04"s + std::string(16, '\0') + "\x12\x34"s);
    const auto head = "\x00\x00\x00\x04\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x09\x00\x19"s;
    probe.next_datagrams(0x1234).expect(head + "NOOP {token}\r\n").reply(head + "{answer}");
    EXPECT_EQ(probe.run("socks5/udp").verdict, Verdict::open);
}

TEST_F(Socks5UdpTest, refusals) {
    asked().reply("\x05\x07"s);
    auto result = probe.run("socks5/udp");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_EQ(result.detail, "SOCKS5 reply 0x07, command not supported");
    asked().reply("\x05\x01"s);
    EXPECT_EQ(probe.run("socks5/udp").verdict, Verdict::inconclusive) << "a failure of the proxy's";
    probe.next_connection().expect(greeting).reply("\x05\x02"s);
    result = probe.run("socks5/udp");
    EXPECT_EQ(result.verdict, Verdict::refused);
    EXPECT_EQ(result.hint, Hint::hopeless);
    asked().reply("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"s);
    EXPECT_EQ(probe.run("socks5/udp").verdict, Verdict::refused) << "no port to send to";
    EXPECT_TRUE(probe.issued.empty());
}

TEST_F(Socks5UdpTest, granted_and_then_silence_garbage_or_an_echo) {
    associated().expect_containing("").silence().expect_containing("").silence().expect_containing("").silence();
    EXPECT_EQ(probe.run("socks5/udp").verdict, Verdict::inconclusive);
    associated().expect_containing("").ends();
    EXPECT_EQ(probe.run("socks5/udp").verdict, Verdict::inconclusive) << "nothing takes datagrams there";
    associated().expect_containing("").resets();
    EXPECT_EQ(probe.run("socks5/udp").verdict, Verdict::unreachable);
    for (const auto& said : {"garbage"s, wrapping + "NOOP {token}\r\n"}) {
        associated()
            .expect_containing("")
            .reply(said)
            .silence()
            .expect_containing("")
            .silence()
            .expect_containing("")
            .silence();
        EXPECT_EQ(probe.run("socks5/udp").verdict, Verdict::refused);
    }
    EXPECT_TRUE(probe.confirmed.empty());
}

TEST_F(Socks5UdpTest, a_flood_ends) {
    associated().expect_containing("").endless(wrapping + "x");
    EXPECT_NE(probe.run("socks5/udp").verdict, Verdict::open);
}

TEST_F(Socks5UdpTest, half_a_relay_is_neither_open_nor_refused) {
    probe.arrives("socks5/udp");
    associated().expect_containing("").silence().expect_containing("").silence().expect_containing("").silence();
    const auto result = probe.run("socks5/udp");
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_NE(result.detail.find("reached our sink"), std::string::npos) << result.detail;
}

TEST_F(Socks5UdpTest, silence_reset_and_a_closed_port) {
    probe.next_connection().expect(greeting).silence();
    EXPECT_EQ(probe.run("socks5/udp").verdict, Verdict::unreachable);
    probe.next_connection().expect(greeting).resets();
    EXPECT_EQ(probe.run("socks5/udp").verdict, Verdict::unreachable);
    probe.next_connection(Script::refusing_connections());
    EXPECT_EQ(probe.run("socks5/udp").verdict, Verdict::closed_port);
}

TEST(Socks5Datagram, is_wrapped_and_unwrapped) {
    using namespace wire;
    const auto datagram = socks5_datagram({Address::v4(198, 51, 100, 9), 25}, "x");
    EXPECT_EQ(datagram, wrapping + "x");
    EXPECT_EQ(*parse_socks5_datagram(datagram), "x");
    EXPECT_EQ(*parse_socks5_datagram("\x00\x00\x00\x03\x02"
                                     "ab\x00\x19y"s),
              "y");
    EXPECT_EQ(*parse_socks5_datagram(wrapping), "");
    for (const auto& wrong : {""s, "\x00\x00\x00\x01"s, "\x00\x00\x01\x01"s + std::string(20, 'x'),
                              "\x01\x00\x00\x01xxxxxxxx"s, "\x00\x00\x00\x09xxxxxxxx"s,
                              "\x00\x00\x00\x03\xff"
                              "ab"s,
                              wrapping.substr(0, 9)})
        EXPECT_FALSE(parse_socks5_datagram(wrong));
}

TEST(Socks5Reply, names_where_datagrams_go) {
    std::string reply = "\x05\x00\x00\x01\xc0\x00\x02\x07\x12\x34"s;
    const auto named = wire::parse_socks5_reply(reply);
    ASSERT_TRUE(named && *named);
    EXPECT_EQ((*named)->bound, Address::v4(192, 0, 2, 7));
    EXPECT_EQ((*named)->bound_port, 0x1234);
    reply = "\x05\x00\x00\x03\x01x\x12\x34"s;
    const auto by_name = wire::parse_socks5_reply(reply);
    ASSERT_TRUE(by_name && *by_name);
    EXPECT_FALSE((*by_name)->bound);
    EXPECT_EQ((*by_name)->bound_port, 0x1234);
}

} // namespace
} // namespace provenbl::verifier
