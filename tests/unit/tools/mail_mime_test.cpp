// A message taken apart: what is read, and what its bounds refuse.
#include "tools/intake/mail/mime.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

namespace provenbl::tools::intake::mail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

Message taken(std::string_view text, const Limits& limits = {}) {
    auto message = take_apart(text, limits);
    if (!message) throw std::runtime_error(message.error().message);
    return *message;
}

std::string refused(std::string_view text, const Limits& limits = {}) {
    const auto message = take_apart(text, limits);
    return message ? "" : message.error().message;
}

std::vector<std::string> types_of(const Message& message) {
    std::vector<std::string> types;
    for (const auto& part : message.parts) types.push_back(part.type.name);
    return types;
}

TEST(MailMime, FieldsAreUnfoldedAndNamesFolded) {
    std::string_view text = "Subject: one\r\n two\r\n\tthree\r\nX-Empty:\r\nSUBJECT: four\r\n\r\nbody: no field\r\n";
    const auto header = take_header(text, {});
    ASSERT_TRUE(header);
    EXPECT_THAT(header->fields(),
                ElementsAre(Pair("subject", "one two three"), Pair("x-empty", ""), Pair("subject", "four")));
    EXPECT_EQ(header->first("subject"), "one two three");
    EXPECT_EQ(header->first("date"), "");
    EXPECT_EQ(text, "body: no field\r\n");
}

TEST(MailMime, AHeaderEndsWithALineThatIsNoField) {
    std::string_view text = "A: 1\nthis is text: already\nB: 2\n";
    const auto header = take_header(text, {});
    ASSERT_TRUE(header);
    EXPECT_THAT(header->fields(), ElementsAre(Pair("a", "1")));
    EXPECT_EQ(text, "this is text: already\nB: 2\n");
    std::string_view folded_first = " folded: nothing\nA: 1\n";
    const auto none = take_header(folded_first, {});
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->fields().empty());
}

TEST(MailMime, TheFromLineOfAPipeIsPassedOver) {
    EXPECT_EQ(taken("From sender@a.example  Sat Nov 28 10:00:00 2026\nA: 1\n\nx").header.first("a"), "1");
}

TEST(MailMime, ContentTypesAreReadAsTheyAreWritten) {
    const auto plain = parse_content_type("Text/PLAIN; charset=\"us-ascii\" (comment; x=y); Format = flowed");
    EXPECT_EQ(plain.name, "text/plain");
    EXPECT_EQ(plain.parameter("charset"), "us-ascii");
    EXPECT_EQ(plain.parameter("format"), "flowed");
    EXPECT_EQ(parse_content_type("multipart/mixed; boundary=\"a\\\"; b\"").parameter("boundary"), "a\"; b");
    for (const char* bad : {"", "text", "/", "text/", "/plain", ";", "(", "\""})
        EXPECT_EQ(parse_content_type(bad).name, "text/plain") << bad;
}

TEST(MailMime, EncodingsAreUndone) {
    EXPECT_EQ(decode_base64("UmVj\r\nZWl2\r\n ZWQ=\r\nrest"), "Received");
    EXPECT_EQ(decode_base64("Zm9v*YmE"), "fooba") << "what is no base64 is passed over";
    EXPECT_EQ(decode_quoted_printable("a=3Db=\r\nc  \r\nd=zz=4"), "a=bc\nd=zz=4");
    EXPECT_EQ(decode_quoted_printable("x="), "x");
    EXPECT_EQ(decode_quoted_printable("x=41"), "xA");
}

TEST(MailMime, PartsWithinPartsComeInOrder) {
    const auto message =
        taken("Content-Type: multipart/mixed; boundary=outer\r\n\r\npreamble\r\n"
              "--outer\r\nContent-Type: multipart/alternative; boundary=\"in ner\"\r\n\r\n"
              "--in ner\r\n\r\nplain\r\n--in ner\r\nContent-Type: text/html\r\n\r\n<p>\r\n--in ner--\r\n"
              "--outer\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n"
              "Received: x\r\nContent-Type: multipart/mixed; boundary=deep\r\n\r\n--deep\r\n\r\nno\r\n"
              "--outer--\r\nepilogue\r\n");
    EXPECT_THAT(types_of(message), ElementsAre("text/plain", "text/html", "message/rfc822"));
    EXPECT_EQ(message.parts[0].content, "plain");
    EXPECT_FALSE(message.parts[0].attached);
    EXPECT_TRUE(message.parts[2].attached);
    EXPECT_THAT(message.parts[2].content, HasSubstr("--deep\r\n\r\nno")) << "left as it is";
    EXPECT_THAT(message.parts[2].content, testing::Not(HasSubstr("epilogue")));
}

TEST(MailMime, PartsOfADigestAreMails) {
    const auto message = taken("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\nx\n--b--\n");
    EXPECT_THAT(types_of(message), ElementsAre("message/rfc822"));
}

TEST(MailMime, AMultipartThatIsNoneIsReadAsFarAsItGoes) {
    EXPECT_THAT(types_of(taken("Content-Type: multipart/mixed\n\nx")), ElementsAre("multipart/mixed"));
    EXPECT_TRUE(taken("Content-Type: multipart/mixed; boundary=b\n\nno delimiter").parts.empty());
    const auto open = taken("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nends without a delimiter");
    ASSERT_EQ(open.parts.size(), 1U);
    EXPECT_EQ(open.parts[0].content, "ends without a delimiter");
    EXPECT_THAT(types_of(taken("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--bc\ny\n--b  \n\nz\n--b--")),
                ElementsAre("text/plain", "text/plain"))
        << "a longer line is no delimiter, blanks after it are";
}

TEST(MailMime, EveryBoundIsHeld) {
    std::string nested = "Content-Type: multipart/mixed; boundary=b0\n\n";
    for (int i = 0; i < 9; ++i)
        nested += fmt::format("--b{}\nContent-Type: multipart/mixed; boundary=b{}\n\n", i, i + 1);
    EXPECT_THAT(refused(nested), HasSubstr("deeper than 8"));
    std::string many = "Content-Type: multipart/mixed; boundary=b\n\n";
    for (int i = 0; i < 101; ++i) many += "--b\n\n\n";
    EXPECT_THAT(refused(many), HasSubstr("more than 100 parts"));
    std::string fields;
    for (int i = 0; i < 1001; ++i) fields += "A: b\n";
    EXPECT_THAT(refused(fields), HasSubstr("more than 1000 header fields"));
    EXPECT_THAT(refused("A: " + std::string(17'000, 'x') + "\n"), HasSubstr("longer than 16384 bytes"));
    std::string folded = "A: b\n";
    for (int i = 0; i < 300; ++i) folded += " " + std::string(60, 'x') + "\n";
    EXPECT_THAT(refused(folded), HasSubstr("longer than 16384 bytes"));
}

// The worst that fits: nesting up to the bound, and nothing but lines that are nearly delimiters.
TEST(MailMime, AHostileMegabyteIsReadInOnePassForEachLevel) {
    std::string text = "Content-Type: multipart/mixed; boundary=b\n\n";
    for (int i = 0; i < 7; ++i)
        text += "--b\nContent-Type: multipart/mixed; boundary=b" + std::string(i + 1, 'b') + "\n\n";
    while (text.size() < 1'000'000) text += "--\n";
    const auto message = take_apart(text, {});
    ASSERT_TRUE(message);
    EXPECT_LE(message->parts.size(), 100U);
    std::size_t kept = 0;
    for (const auto& part : message->parts) kept += part.content.size();
    EXPECT_LE(kept, text.size()) << "nothing is kept twice";
}

} // namespace
} // namespace provenbl::tools::intake::mail
