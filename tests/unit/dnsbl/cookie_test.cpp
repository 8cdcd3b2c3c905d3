// DNS cookies: the vectors of RFC 9018 appendix A, and the rules of time and secrets around them.
#include "dnsbl/wire/cookie.hpp"

#include <gtest/gtest.h>

#include <string>

namespace provenbl::dnsbl::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes hex(std::string_view text) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
    return bytes;
}

SipKey key(std::string_view text) {
    SipKey made{};
    const auto bytes = hex(text);
    std::copy(bytes.begin(), bytes.end(), made.begin());
    return made;
}

Bytes answer(const CheckedCookie& checked) {
    return {checked.answer.begin(), checked.answer.end()};
}

const auto secret = key("e5e973e5a6b2a43f48e7dc849e37bfcf");
const Address client = Address::v4(198, 51, 100, 100);
const auto learned = hex("2464c4abcf10c957010000005cf79f111f8130c3eee29480");
constexpr std::uint32_t learned_at = 1559731985;

// The reference implementation's own vector: the key 00 01 .. 0f, the input 00 01 .. 0e.
TEST(Siphash, KnowsTheReferenceVector) {
    const auto counting = hex("000102030405060708090a0b0c0d0e0f");
    EXPECT_EQ(siphash24(key("000102030405060708090a0b0c0d0e0f"), std::span(counting).first(15)), 0xa129ca6149be45e5U);
}

TEST(Cookie, Rfc9018A1LearnsANewServerCookie) {
    const auto checked = check_cookie(std::span(learned).first(8), client, {secret}, learned_at);
    EXPECT_EQ(checked.state, CookieState::client_only);
    EXPECT_EQ(answer(checked), learned);
}

TEST(Cookie, Rfc9018A2TheSameClientRenews) {
    const auto checked = check_cookie(learned, client, {secret}, 1559734385);
    EXPECT_EQ(checked.state, CookieState::valid);
    EXPECT_EQ(answer(checked), hex("2464c4abcf10c957010000005cf7a871d4a564a1442aca77"));
}

TEST(Cookie, Rfc9018A3AnotherClientRenewsWhateverIsReserved) {
    const auto shown = hex("fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5");
    const auto from = Address::v4(203, 0, 113, 203);
    // What is reserved is part of the hash, as it came.
    EXPECT_EQ(check_cookie(shown, from, {secret}, 1559727985).state, CookieState::valid);
    // The appendix answers it 1 h 52 min later, beyond the hour that section 4.3 asks for: with a new one all the same.
    const auto checked = check_cookie(shown, from, {secret}, 1559734700);
    EXPECT_EQ(checked.state, CookieState::invalid);
    EXPECT_EQ(answer(checked), hex("fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e"));
}

TEST(Cookie, Rfc9018A4Ipv6WithARolledOverSecret) {
    const auto from = Address::parse("2001:db8:220:1:59de:d0f4:8769:82b8").value();
    const auto shown = hex("22681ab97d52c298010000005cf7c57926556bd0934c72f8");
    const auto older = key("dd3bdf9344b678b185a6f5cb60fca715");
    const auto newer = key("445536bcd2513298075a5d379663c962");
    const auto checked = check_cookie(shown, from, {newer, older}, 1559741961);
    EXPECT_EQ(checked.state, CookieState::valid);
    EXPECT_EQ(answer(checked), hex("22681ab97d52c298010000005cf7c609a6bb79d16625507a"));
    EXPECT_EQ(check_cookie(shown, from, {newer}, 1559741961).state, CookieState::invalid);
}

struct Age {
    const char* what;
    std::int64_t seconds;
    CookieState state;
    bool kept; // the same server cookie comes back
};

TEST(Cookie, IsGoodForAnHourAndRenewedAfterHalf) {
    using enum CookieState;
    for (const auto& row :
         {Age{"at once", 0, valid, true}, Age{"29:59", 1799, valid, true}, Age{"half an hour", 1800, valid, false},
          Age{"an hour", 3600, valid, false}, Age{"older", 3601, invalid, false},
          Age{"five minutes ahead", -300, valid, true}, Age{"further ahead", -301, invalid, false},
          Age{"half of all times away", 1LL << 31, invalid, false}}) {
        const auto checked =
            check_cookie(learned, client, {secret}, static_cast<std::uint32_t>(learned_at + row.seconds));
        EXPECT_EQ(checked.state, row.state) << row.what;
        EXPECT_EQ(answer(checked) == learned, row.kept) << row.what;
    }
}

TEST(Cookie, TimeMayWrapAround) {
    const auto made = check_cookie(std::span(learned).first(8), client, {secret}, 0xffffff00U);
    EXPECT_EQ(check_cookie(made.answer, client, {secret}, 0x00000100U).state, CookieState::valid);
}

TEST(Cookie, WhatIsNotOursIsInvalidAndAnsweredWithOneThatIs) {
    const auto changed = [](std::size_t at) {
        auto bytes = learned;
        bytes[at] ^= 1U;
        return bytes;
    };
    auto longer = learned;
    longer.push_back(0);
    for (const auto& shown : {changed(0), changed(7), changed(8), changed(9), changed(15), changed(16), changed(23),
                              longer, hex("2464c4abcf10c9570100000000000000")}) {
        const auto checked = check_cookie(shown, client, {secret}, learned_at);
        EXPECT_EQ(checked.state, CookieState::invalid);
        EXPECT_TRUE(std::equal(shown.begin(), shown.begin() + 8, checked.answer.begin()));
        EXPECT_EQ(check_cookie(checked.answer, client, {secret}, learned_at).state, CookieState::valid);
    }
    EXPECT_EQ(check_cookie(learned, Address::v4(198, 51, 100, 101), {secret}, learned_at).state, CookieState::invalid);
}

TEST(Cookie, WithoutSecretsNoneIsSpoken) {
    EXPECT_EQ(check_cookie(learned, client, {}, learned_at).state, CookieState::none);
    EXPECT_EQ(check_cookie({}, client, {secret}, learned_at).state, CookieState::none);
}

TEST(Cookie, SizesOfRfc7873) {
    for (std::size_t size = 0; size < 60; ++size)
        EXPECT_EQ(is_cookie_size(size), size == 8 || (size >= 16 && size <= 40)) << size;
}

} // namespace
} // namespace provenbl::dnsbl::wire
