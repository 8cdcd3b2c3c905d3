// The SMTP reply parser: RFC 5321 4.2 replies in any cut, and everything that only looks like one.
#include "verifier/wire/smtp_reply.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier::wire {
namespace {

SmtpReply parse(std::string bytes) {
    SmtpReplyParser parser;
    return parser.feed(bytes).value().value();
}

Errc error_of(std::string bytes) {
    SmtpReplyParser parser;
    return parser.feed(bytes).error().code;
}

TEST(SmtpReplyParser, one_line) {
    std::string buffer = "250 2.1.0 Ok\r\n";
    SmtpReplyParser parser;
    const auto reply = parser.feed(buffer).value();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->code, 250);
    EXPECT_EQ(reply->kind(), 2);
    EXPECT_EQ(reply->lines, (std::vector<std::string>{"2.1.0 Ok"}));
    EXPECT_TRUE(buffer.empty());
}

TEST(SmtpReplyParser, several_lines) {
    const auto reply = parse("250-mx.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n");
    EXPECT_EQ(reply.lines, (std::vector<std::string>{"mx.example", "SIZE 1000", "STARTTLS"}));
}

TEST(SmtpReplyParser, a_byte_at_a_time_is_the_same) {
    const std::string whole = "250-mx.example\r\n250 STARTTLS\r\n";
    SmtpReplyParser parser;
    std::optional<SmtpReply> reply;
    for (const char c : whole) {
        EXPECT_FALSE(reply);
        std::string buffer(1, c);
        reply = parser.feed(buffer).value();
        EXPECT_TRUE(buffer.empty());
    }
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->lines, parse(whole).lines);
}

TEST(SmtpReplyParser, leaves_what_is_behind_the_reply) {
    std::string buffer = "250 ok\r\n421 bye\r\n";
    SmtpReplyParser parser;
    EXPECT_EQ(parser.feed(buffer).value()->code, 250);
    EXPECT_EQ(buffer, "421 bye\r\n");
    EXPECT_EQ(parser.feed(buffer).value()->code, 421);
}

TEST(SmtpReplyParser, what_servers_really_send) {
    EXPECT_EQ(parse("220\r\n").lines, (std::vector<std::string>{""}));         // no text
    EXPECT_EQ(parse("220 bare\n").lines, (std::vector<std::string>{"bare"}));  // bare LF
    EXPECT_EQ(parse("250-\r\n250 x\r\n").lines.size(), 2U);                    // empty text
    EXPECT_EQ(parse("550-5.7.1 no\r\n554 really\r\n").code, 554);              // codes differ: the last counts
    EXPECT_EQ(parse(std::string("250 a\0b\r\n", 9)).lines.front().size(), 3U); // NUL
}

TEST(SmtpReplyParser, what_is_no_reply_is_refused_at_once) {
    EXPECT_EQ(error_of("HTTP/1.1 400 Bad Request\r\n"), Errc::protocol);
    EXPECT_EQ(error_of("SSH-2.0-x"), Errc::protocol); // without a line end
    EXPECT_EQ(error_of("H"), Errc::protocol);
    EXPECT_EQ(error_of("2x"), Errc::protocol);
    EXPECT_EQ(error_of("100 x\r\n"), Errc::protocol);
    EXPECT_EQ(error_of("650 x\r\n"), Errc::protocol);
    EXPECT_EQ(error_of("2500 x\r\n"), Errc::protocol);
    EXPECT_EQ(error_of("25\r\n"), Errc::protocol);
    EXPECT_EQ(error_of("\r\n"), Errc::protocol);
    EXPECT_EQ(error_of("250-ok\r\nbye\r\n"), Errc::protocol);
    EXPECT_EQ(error_of(std::string(1, '\0')), Errc::protocol);
}

TEST(SmtpReplyParser, an_endless_line_ends_with_limit) {
    EXPECT_EQ(error_of("220 " + std::string(5000, 'x')), Errc::limit);
    SmtpReplyParser parser;
    for (int i = 0; i < 5; ++i) {
        std::string buffer = i == 0 ? "220 " : std::string(1000, 'x');
        EXPECT_TRUE(parser.feed(buffer));
    }
    std::string last(100, 'x');
    EXPECT_EQ(parser.feed(last).error().code, Errc::limit);
}

TEST(SmtpReplyParser, endless_lines_end_with_limit) {
    SmtpReplyParser parser;
    std::size_t fed = 0;
    for (; fed < 1000; ++fed) {
        std::string buffer = "250-more\r\n";
        if (const auto result = parser.feed(buffer); !result) {
            EXPECT_EQ(result.error().code, Errc::limit);
            break;
        }
    }
    EXPECT_EQ(fed, SmtpReplyParser::max_lines);
}

TEST(SmtpReply, quotes_on_one_printable_line) {
    EXPECT_EQ(parse("550-5.7.1 not\r\n550 here\x1b[31m\r\n").quote(), "550 5.7.1 not here?[31m");
    EXPECT_LE(parse("550 " + std::string(4000, 'x') + "\r\n").quote().size(), 170U);
}

TEST(SmtpReply, offers_reads_keywords_of_ehlo) {
    const auto ehlo = parse("250-mx.example STARTTLS\r\n250-SIZE 1000\r\n250 starttls\r\n");
    EXPECT_TRUE(offers(ehlo, "STARTTLS"));
    EXPECT_TRUE(offers(ehlo, "size"));
    EXPECT_FALSE(offers(ehlo, "SIZ"));
    EXPECT_FALSE(offers(parse("250 STARTTLS\r\n"), "STARTTLS")); // the greeting is no keyword
}

TEST(SmtpReply, server_name_takes_only_what_can_stand_in_an_address) {
    EXPECT_EQ(server_name(parse("220 Mail.Example.COM ESMTP\r\n")), "mail.example.com");
    EXPECT_EQ(server_name(parse("250-mx.example. hello\r\n250 x\r\n")), "mx.example");
    for (const auto* bad :
         {"220 localhost ESMTP\r\n", "220 ESMTP\r\n", "220\r\n", "220 192.0.2.1 x\r\n", "220 [192.0.2.1] x\r\n",
          "220 a..b x\r\n", "220 .a.b x\r\n", "220 a@b.c x\r\n", "220 a>.b.c x\r\n", "220 *****.** x\r\n"})
        EXPECT_FALSE(server_name(parse(bad))) << bad;
    EXPECT_FALSE(server_name(parse("220 " + std::string(64, 'a') + ".example x\r\n")));
}

TEST(SmtpReply, complaints_of_rate) {
    EXPECT_TRUE(complains_of_rate(parse("450 4.7.1 Too many connections from you\r\n")));
    EXPECT_TRUE(complains_of_rate(parse("451 slow down, please\r\n")));
    EXPECT_FALSE(complains_of_rate(parse("450 4.2.0 greylisted\r\n")));
    EXPECT_FALSE(complains_of_rate(parse("554 Too many nonmail commands\r\n"))); // no session more is not no mail more
}

} // namespace
} // namespace provenbl::verifier::wire
