// STUN and TURN messages: the RFC's own samples, ours, and what is none.
#include "verifier/wire/stun.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier::wire {
namespace {

using namespace std::string_literals;

const StunId id{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
const std::string id_bytes = "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c";
const std::string cookie = "\x21\x12\xa4\x42";
const Endpoint peer{Address::v4(192, 0, 2, 1), 32853};
const Endpoint peer6{Address::parse("2001:db8:1234:5678:11:2233:4455:6677").value(), 32853};
// RFC 5769 sections 2.2 and 2.3: the same addresses as XOR-MAPPED-ADDRESS, in a transaction of its own.
const StunId sample_id{0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};
const std::string sample4 = "\x00\x01\xa1\x47\xe1\x12\xa6\x43"s;
const std::string sample6 = "\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9"s;

std::string message(const std::string& type, const std::string& attributes) {
    return type + std::string{static_cast<char>(attributes.size() >> 8), static_cast<char>(attributes.size())} +
           cookie + id_bytes + attributes;
}

TEST(Stun, requests_byte_for_byte) {
    EXPECT_EQ(turn_allocate(id, false, "us"),
              message("\x00\x03"s, "\x00\x19\x00\x04\x11\x00\x00\x00\x80\x22\x00\x02us\x00\x00"s));
    EXPECT_EQ(turn_allocate(id, true, ""), message("\x00\x03"s, "\x00\x19\x00\x04\x11\x00\x00\x00"
                                                                "\x00\x17\x00\x04\x02\x00\x00\x00"
                                                                "\x80\x22\x00\x00"s));
    EXPECT_EQ(turn_release(id), message("\x00\x04"s, "\x00\x0d\x00\x04\x00\x00\x00\x00"s));
}

TEST(Stun, addresses_as_the_samples_of_rfc_5769) {
    EXPECT_NE(turn_permission(sample_id, peer).find("\x00\x12\x00\x08"s + sample4), std::string::npos);
    EXPECT_NE(turn_permission(sample_id, peer6).find("\x00\x12\x00\x14"s + sample6), std::string::npos);
}

TEST(Stun, what_we_write_we_read) {
    for (const auto& to : {peer, peer6}) {
        const auto read = parse_stun(turn_send(id, to, "NOOP token\r\n"));
        ASSERT_TRUE(read);
        EXPECT_TRUE(read->is(StunMethod::send, StunClass::indication));
        EXPECT_EQ(read->id, id);
        EXPECT_EQ(read->peer, to);
        EXPECT_EQ(read->data, "NOOP token\r\n");
    }
}

TEST(Stun, responses) {
    const auto refused = parse_stun(
        message("\x01\x13"s, "\x00\x09\x00\x10\x00\x00\x04\x01Unauthorized\x80\x22\x00\x06"s + "coturn\x00\x00"s));
    ASSERT_TRUE(refused);
    EXPECT_TRUE(refused->is(StunMethod::allocate, StunClass::error));
    EXPECT_EQ(refused->error, 401);
    EXPECT_EQ(refused->quote(), "401 Unauthorized");
    EXPECT_EQ(refused->software, "coturn");
    const auto granted = parse_stun(message("\x01\x03"s, "\x00\x16\x00\x08"s + sample4));
    ASSERT_TRUE(granted);
    EXPECT_TRUE(granted->is(StunMethod::allocate, StunClass::success));
    ASSERT_TRUE(granted->relayed);
    EXPECT_EQ(granted->relayed->address, Address::v4(192, 0, 2, 1));
    const auto data = parse_stun(message("\x00\x17"s, "\x00\x13\x00\x03"
                                                      "abc\x00"s));
    ASSERT_TRUE(data);
    EXPECT_TRUE(data->is(StunMethod::data, StunClass::indication));
    EXPECT_EQ(data->data, "abc");
}

TEST(Stun, a_stream_is_cut_into_messages_however_it_comes) {
    const auto first = turn_permission(id, peer);
    const auto second = turn_send(id, peer, "x");
    std::string buffer;
    std::size_t messages = 0;
    for (const char byte : first + second) {
        buffer += byte;
        const auto taken = take_stun(buffer);
        ASSERT_TRUE(taken);
        if (*taken) ++messages;
    }
    EXPECT_EQ(messages, 2U);
    EXPECT_TRUE(buffer.empty());
    buffer = first + second.substr(0, 5);
    ASSERT_TRUE(*take_stun(buffer));
    EXPECT_EQ(buffer, second.substr(0, 5));
}

TEST(Stun, what_is_none_is_refused_at_the_first_wrong_byte) {
    for (std::string wrong : {"HTTP/1.1 400"s, "\x16\x03\x01\x02\x00\x01\x00\x01"s, "\x80"s,
                              "\x01\x03\x00\x00\x21\x13"s, "\x01\x03\x00\x01\x21\x12\xa4\x42"s}) {
        const auto taken = take_stun(wrong);
        ASSERT_FALSE(taken) << wrong;
        EXPECT_EQ(taken.error().code, Errc::protocol);
    }
    std::string huge = "\x01\x03\xff\xfc" + cookie;
    EXPECT_EQ(take_stun(huge).error().code, Errc::limit);
    EXPECT_FALSE(parse_stun("\x01\x03\x00\x00"s)) << "cut short";
    EXPECT_FALSE(parse_stun(message("\x01\x03"s, "").substr(0, 19)));
}

TEST(Stun, attributes_that_lie_are_left_out) {
    const auto cut = parse_stun(message("\x01\x03"s, "\x00\x16\x01\x00\x00\x01\xa1\x47"s));
    ASSERT_TRUE(cut);
    EXPECT_FALSE(cut->relayed) << "longer than the message";
    const auto small = parse_stun(message("\x01\x03"s, "\x00\x16\x00\x08\x00\x02\xa1\x47\xe1\x12\xa6\x43"s));
    ASSERT_TRUE(small);
    EXPECT_FALSE(small->relayed) << "an IPv6 address of four bytes";
    const auto odd = parse_stun(message("\x01\x13"s, "\x00\x09\x00\x02\x00\x00\x00\x00"s));
    ASSERT_TRUE(odd);
    EXPECT_EQ(odd->error, 0);
}

} // namespace
} // namespace provenbl::verifier::wire
