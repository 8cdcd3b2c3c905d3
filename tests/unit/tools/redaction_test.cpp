#include "tests/unit/tools/api_fixture.hpp"
#include "tools/api/redaction.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace provenbl::tools::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class Redaction : public testing::Test {
protected:
    CountingEntropy entropy;
    verifier::TokenMint mint{std::array<std::uint8_t, 32>{9, 8, 7}, entropy};
    verifier::TokenMint::Token token = mint.make();

    static std::string upper(std::string text) {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        return text;
    }
    static std::string base64(std::string_view text) {
        static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        std::string out;
        unsigned window = 0;
        unsigned bits = 0;
        for (const char c : text) {
            window = (window << 8U | static_cast<unsigned char>(c)) & 0xffffU;
            for (bits += 8; bits >= 6; bits -= 6) out += alphabet[window >> (bits - 6) & 63U];
        }
        if (bits > 0) out += alphabet[window << (6 - bits) & 63U];
        return out;
    }
};

TEST_F(Redaction, ATokenIsReplacedWhereverItStands) {
    EXPECT_EQ(redact("RCPT TO:<" + token.text + "@p.example>", token.id, mint), "RCPT TO:<[token]@p.example>");
    EXPECT_EQ(redact(token.text, token.id, mint), "[token]");
    EXPECT_EQ(redact(token.text + token.text, token.id, mint), "[token][token]");
    EXPECT_EQ(redact("x", token.id, mint), "x");
    EXPECT_EQ(redact("", token.id, mint), "");
}

TEST_F(Redaction, CaseDoesNotHideIt) {
    EXPECT_EQ(redact(upper(token.text), token.id, mint), "[token]");
}

TEST_F(Redaction, LineBreaksDoNotHideIt) {
    for (const std::string& broken :
         {std::string{"=\r\n"}, std::string{"\r\n "}, std::string{"\n\t"}, std::string{"=\\x0d\\x0a"}}) {
        const auto text = "To: " + token.text.substr(0, 17) + broken + token.text.substr(17) + "@p";
        EXPECT_EQ(redact(text, token.id, mint), "To: [token]@p") << broken;
        EXPECT_EQ(redact(text, mint), "To: [token]@p") << broken << " without knowing it";
    }
}

TEST_F(Redaction, Base64DoesNotHideIt) {
    for (const std::string before : {"", "a", "ab", "abc"}) {
        const auto text = base64(before + token.text + "@probes.example");
        const auto shown = redact(text, token.id, mint);
        EXPECT_THAT(shown, HasSubstr("[token]")) << before.size();
        EXPECT_THAT(shown, Not(HasSubstr(text.substr(8, 30)))) << before.size();
    }
}

TEST_F(Redaction, OtherTokensOfOursAreFoundByTheirMac) {
    const auto other = mint.make();
    ASSERT_NE(other.text, token.text);
    EXPECT_EQ(redact("a " + other.text + " b " + token.text, token.id, mint), "a [token] b [token]");
    EXPECT_EQ(redact("zz" + other.text + "zz", mint), "zz[token]zz") << "inside a longer run";
}

TEST_F(Redaction, ForeignTextIsLeftAlone) {
    const std::string foreign = "abcdefghijklmnopqrstuvwxyz234567abcdefgh";
    ASSERT_EQ(foreign.size(), verifier::TokenMint::text_size);
    EXPECT_EQ(redact("x " + foreign + " y", token.id, mint), "x " + foreign + " y");
    const std::string bytes("\x00\xff\x80=\r\n", 6);
    EXPECT_EQ(redact(bytes, token.id, mint), bytes);
}

TEST_F(Redaction, TheSinksAnswerIsReplacedToo) {
    EXPECT_EQ(redact("< " + mint.answer_to(token.id), token.id, mint), "< [answer]");
}

TEST_F(Redaction, AnEndlessRunIsBoundedAndStillHidesTokens) {
    const auto other = mint.make();
    const auto text = std::string(20'000, 'a') + other.text;
    const auto shown = redact(text, mint);
    EXPECT_THAT(shown, Not(HasSubstr(other.text)));
    EXPECT_THAT(shown, HasSubstr("[token]"));
}

// However the cut falls: neither the front of a token is left before it, nor what a token's front looks like in base64.
TEST_F(Redaction, NoCutLeavesAPieceOfAToken) {
    const std::string before = "+0.1 > RCPT TO:<";
    const auto breaks = {std::string{}, std::string{"=\r\n"}, std::string{"\r\n \t "}, std::string{"\\x0d\\x0a"}};
    std::vector<std::string> texts;
    for (const auto& broken : breaks)
        texts.push_back(before + token.text.substr(0, 20) + broken + token.text.substr(20) + "@probes.example>");
    texts.push_back(before + base64(token.text + "@probes.example") + " and on");
    texts.push_back(before + upper(token.text) + upper(token.text) + " and on");
    for (const auto& text : texts) {
        const auto lines = text + "\n+0.2 < 250 Ok";
        for (std::size_t most = 0; most <= lines.size() + 1; ++most) {
            const auto front = front_of(lines, most);
            ASSERT_LE(front.size(), most);
            const auto shown = redact(front, token.id, mint);
            const auto whole = redact(lines, token.id, mint);
            EXPECT_EQ(shown, whole.substr(0, shown.size())) << most << " of " << lines;
        }
    }
}

TEST_F(Redaction, AFrontIsAsLongAsItMayBe) {
    EXPECT_EQ(front_of("short", 5), "short");
    EXPECT_EQ(front_of("two words", 6), "two ");
    EXPECT_EQ(front_of("one.two\r\n three. four", 12), "one.");
    EXPECT_EQ(front_of(std::string(100, 'a'), 50), "") << "a single run may be one token from its beginning";
    EXPECT_EQ(front_of(std::string(100, '.'), 50).size(), 50U);
}

TEST_F(Redaction, EveryTextOfAnEvidenceIsRedacted) {
    CaseEvidence evidence;
    evidence.token = token.id;
    evidence.transcript = "t " + token.text;
    evidence.message = "m " + token.text;
    evidence.repeat = "r " + token.text;
    evidence.software = "s " + token.text;
    const auto open = redact(evidence, mint);
    EXPECT_EQ(open.transcript, "t [token]");
    EXPECT_EQ(open.message, "m [token]");
    EXPECT_EQ(open.repeat, "r [token]");
    EXPECT_EQ(open.software, "s [token]");
    EXPECT_EQ(open.token, TokenId{});
}

} // namespace
} // namespace provenbl::tools::api
