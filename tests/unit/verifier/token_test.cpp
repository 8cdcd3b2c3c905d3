// Tokens: what survives, what is refused, and that an answer cannot be had without the key.
#include "verifier/token.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace provenbl::verifier {
namespace {

constexpr std::array<std::uint8_t, 32> key{7, 7, 7};

class TokenTest : public ::testing::Test {
protected:
    SystemEntropy entropy;
    TokenMint mint{key, entropy};
};

TEST_F(TokenTest, is_forty_characters_of_lower_case_base32) {
    const auto token = mint.make();
    EXPECT_EQ(token.text.size(), TokenMint::text_size);
    EXPECT_EQ(token.text.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567"), std::string::npos);
    EXPECT_EQ(mint.text_of(token.id), token.text);
}

TEST_F(TokenTest, the_same_id_and_key_always_give_the_same_text) {
    // A token in a mail must be valid after a restart and after an upgrade: this text may never change.
    TokenId id{};
    for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(i);
    EXPECT_EQ(mint.text_of(id).substr(0, 25), "aaaqeayeaudaocajbifqydiob"); // the id's 125 first bits
    EXPECT_EQ(TokenMint(key, entropy).check(mint.text_of(id)), id);
}

TEST_F(TokenTest, tokens_differ) {
    std::set<std::string> texts;
    for (int i = 0; i < 100; ++i) texts.insert(mint.make().text);
    EXPECT_EQ(texts.size(), 100U);
}

TEST_F(TokenTest, a_round_trip_survives_upper_case) {
    const auto token = mint.make();
    auto upper = token.text;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) { return c >= 'a' ? c - 'a' + 'A' : c; });
    EXPECT_EQ(mint.check(token.text), token.id);
    EXPECT_EQ(mint.check(upper), token.id);
}

TEST_F(TokenTest, every_changed_character_is_noticed) {
    const auto token = mint.make();
    for (std::size_t i = 0; i < token.text.size(); ++i) {
        auto forged = token.text;
        forged[i] = forged[i] == 'a' ? 'b' : 'a';
        EXPECT_FALSE(mint.check(forged)) << "at " << i;
    }
}

TEST_F(TokenTest, other_lengths_and_alphabets_are_refused) {
    const auto text = mint.make().text;
    EXPECT_FALSE(mint.check(""));
    EXPECT_FALSE(mint.check(text.substr(1)));
    EXPECT_FALSE(mint.check(text + "a"));
    for (const char c : {'0', '1', '8', '9', '=', '-', '\0', '\xff'}) {
        auto other = text;
        other[5] = c;
        EXPECT_FALSE(mint.check(other));
    }
}

TEST_F(TokenTest, another_key_knows_nothing_of_it) {
    const TokenMint stranger({8, 8, 8}, entropy);
    const auto token = mint.make();
    EXPECT_FALSE(stranger.check(token.text));
    EXPECT_NE(stranger.answer_to(token.id), mint.answer_to(token.id));
}

TEST_F(TokenTest, found_wherever_it_stands) {
    const auto token = mint.make();
    for (const auto& text : {"GET /" + token.text + " HTTP/1.1\r\n", "NOOP " + token.text, token.text,
                             "http://198.51.100.9:8443/" + token.text + "?x", "xyz" + token.text + "xyz"})
        EXPECT_EQ(mint.find(text), token.id) << text;
    EXPECT_FALSE(mint.find(token.text.substr(0, 39)));
    EXPECT_FALSE(mint.find("GET / HTTP/1.1\r\nHost: " + std::string(40, 'a')));
}

TEST_F(TokenTest, the_first_of_two_is_found) {
    const auto one = mint.make();
    const auto two = mint.make();
    EXPECT_EQ(mint.find(one.text + " " + two.text), one.id);
    EXPECT_EQ(mint.find(std::string(40, 'q') + " " + two.text), two.id);
}

TEST_F(TokenTest, a_search_of_hostile_text_ends_early) {
    const auto token = mint.make();
    EXPECT_FALSE(mint.find(std::string(1'000'000, 'a') + " " + token.text));
}

TEST_F(TokenTest, the_answer_is_no_token_and_not_the_token) {
    const auto token = mint.make();
    const auto answer = mint.answer_to(token.id);
    EXPECT_EQ(answer.size(), TokenMint::text_size);
    EXPECT_NE(answer, token.text);
    EXPECT_FALSE(mint.check(answer));
    EXPECT_EQ(answer, TokenMint(key, entropy).answer_to(token.id));
    EXPECT_NE(answer, mint.answer_to(mint.make().id));
}

} // namespace
} // namespace provenbl::verifier
