// SOCKS bytes: requests as the RFC draws them, replies in any cut, and refusals that end early.
#include "verifier/wire/socks.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier::wire {
namespace {

using namespace std::string_literals;

const Endpoint sink4{Address::v4(198, 51, 100, 9), 0x1234};
const Endpoint sink6{Address::parse("2001:db8::9").value(), 25};

TEST(Socks, requests) {
    EXPECT_EQ(socks4_connect(sink4), "\x04\x01\x12\x34\xc6\x33\x64\x09\x00"s);
    EXPECT_EQ(socks4a_connect("198.51.100.9", 0x1234), "\x04\x01\x12\x34\x00\x00\x00\x01\x00"s
                                                       "198.51.100.9\x00"s);
    EXPECT_EQ(socks5_connect_by_name("callback.probe.example", 443), "\x05\x01\x00\x03\x16"s
                                                                     "callback.probe.example\x01\xbb");
    EXPECT_EQ(socks5_greeting(), "\x05\x01\x00"s);
    EXPECT_EQ(socks5_connect(sink4), "\x05\x01\x00\x01\xc6\x33\x64\x09\x12\x34"s);
    EXPECT_EQ(socks5_connect(sink6), "\x05\x01\x00\x04\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x09\x00\x19"s);
}

// How many bytes of `whole` the parser wanted before it gave a reply; the rest of the buffer is checked to stay.
template <class Parse> std::size_t bytes_needed(Parse parse, const std::string& whole) {
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        auto buffer = whole.substr(0, size);
        const auto reply = parse(buffer).value();
        if (!reply) {
            EXPECT_EQ(buffer.size(), size) << "took bytes before the reply was whole";
            continue;
        }
        EXPECT_TRUE(buffer.empty());
        auto more = whole.substr(0, size) + "220 banner";
        EXPECT_TRUE(parse(more).value());
        EXPECT_EQ(more, "220 banner");
        return size;
    }
    return std::string::npos;
}

TEST(Socks, a_grant_is_complete_with_its_address) {
    EXPECT_EQ(bytes_needed(parse_socks4_reply, "\x00\x5a\x12\x34\x01\x02\x03\x04"s), 8U);
    EXPECT_EQ(bytes_needed(parse_socks5_method, "\x05\x00"s), 2U);
    EXPECT_EQ(bytes_needed(parse_socks5_reply, "\x05\x00\x00\x01\x01\x02\x03\x04\x12\x34"s), 10U);
    EXPECT_EQ(bytes_needed(parse_socks5_reply, "\x05\x00\x00\x04"s + std::string(18, 'x')), 22U);
    EXPECT_EQ(bytes_needed(parse_socks5_reply, "\x05\x00\x00\x03\x03"s + "a.b" + "\x12\x34"), 10U);
    EXPECT_EQ(bytes_needed(parse_socks5_reply, "\x05\x00\x00\x03\xff"s + std::string(257, 'x')), 262U);
}

TEST(Socks, a_refusal_is_complete_when_it_is_known) {
    EXPECT_EQ(bytes_needed(parse_socks4_reply, "\x00\x5b"s), 2U);
    EXPECT_EQ(bytes_needed(parse_socks5_reply, "\x05\x02"s), 2U);
    auto refused = "\x00\x5b"s;
    EXPECT_FALSE(parse_socks4_reply(refused).value()->granted());
}

TEST(Socks, a_server_that_repeats_its_version_in_a_socks4_reply_is_understood) {
    auto buffer = "\x04\x5a\x00\x00\x00\x00\x00\x00"s;
    EXPECT_TRUE(parse_socks4_reply(buffer).value()->granted());
}

TEST(Socks, garbage_is_known_at_its_first_byte) {
    for (const auto& garbage : {"HTTP/1.1 400"s, "220 mx"s, "\x00\x41"s, "\x16\x03"s}) {
        auto four = garbage;
        EXPECT_EQ(parse_socks4_reply(four).error().code, Errc::protocol);
        auto method = garbage;
        EXPECT_EQ(parse_socks5_method(method).error().code, Errc::protocol);
        auto five = garbage;
        EXPECT_EQ(parse_socks5_reply(five).error().code, Errc::protocol);
    }
    auto type = "\x05\x00\x00\x07\x00"s;
    EXPECT_EQ(parse_socks5_reply(type).error().code, Errc::protocol);
}

TEST(Socks, meanings_are_in_words) {
    EXPECT_EQ(Socks4Reply{0x5b}.meaning(), "0x5b, request rejected or failed");
    EXPECT_EQ(Socks5Method{0x02}.meaning(), "0x02, user name and password needed");
    EXPECT_EQ(Socks5Method{0xff}.meaning(), "0xff, no acceptable method");
    EXPECT_EQ(Socks5Reply{0x02}.meaning(), "0x02, not allowed by the rules");
    EXPECT_EQ(Socks5Reply{0xee}.meaning(), "0xee");
}

} // namespace
} // namespace provenbl::verifier::wire
