// The sink's SMTP input: command lines, paths, lines out of a stream, dot-stuffing.
#include "verifier/wire/smtp_command.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier::wire {
namespace {

TEST(SmtpCommand, VerbsInAnyCaseWithBlanksAround) {
    struct Row {
        std::string_view line;
        SmtpVerb verb;
        std::string_view argument;
    };
    const Row rows[] = {
        {"EHLO a.example", SmtpVerb::ehlo, "a.example"},
        {"helo\tb", SmtpVerb::helo, "b"},
        {"MaIl FROM:<>", SmtpVerb::mail, "FROM:<>"},
        {"  RCPT   TO:<a@b>  ", SmtpVerb::rcpt, "TO:<a@b>"},
        {"DATA", SmtpVerb::data, ""},
        {"RSET ", SmtpVerb::rset, ""},
        {"NOOP word", SmtpVerb::noop, "word"},
        {"QUIT", SmtpVerb::quit, ""},
        {"VRFY x", SmtpVerb::vrfy, "x"},
        {"EXPN x", SmtpVerb::expn, "x"},
        {"HELP", SmtpVerb::help, ""},
        {"", SmtpVerb::unknown, ""},
        {"DATAX", SmtpVerb::unknown, "DATAX"},
        {"GET / HTTP/1.1", SmtpVerb::unknown, "GET / HTTP/1.1"},
        {"MAILFROM:<a@b>", SmtpVerb::unknown, "MAILFROM:<a@b>"},
    };
    for (const auto& row : rows) {
        const auto command = parse_smtp_command(row.line);
        EXPECT_EQ(command.verb, row.verb) << row.line;
        EXPECT_EQ(command.argument, row.argument) << row.line;
    }
}

TEST(SmtpPath, Understood) {
    struct Row {
        std::string_view argument;
        std::string_view local_part, domain;
        bool null = false, routed = false;
    };
    const Row rows[] = {
        {"TO:<user@example.org>", "user", "example.org"},
        {"to:<user@EXAMPLE.org>", "user", "EXAMPLE.org"},
        {"TO: <user@example.org>", "user", "example.org"}, // wrong, and common
        {"TO:<>", "", "", true},
        {"TO:<postmaster>", "postmaster", ""},
        {"TO:<@a,@b:user@c>", "user", "c", false, true},
        {"TO:<\"odd @ <local>\"@c>", "\"odd @ <local>\"", "c"},
        {"TO:<\"a\\\"b\"@c>", "\"a\\\"b\"", "c"},
        {"TO:<user%a@b>", "user%a", "b"},
        {"TO:<user@[192.0.2.1]>", "user", "[192.0.2.1]"},
    };
    for (const auto& row : rows) {
        const auto path = parse_smtp_path(row.argument, "TO");
        ASSERT_TRUE(path) << row.argument << ": " << path.error().message;
        EXPECT_EQ(path->local_part, row.local_part) << row.argument;
        EXPECT_EQ(path->domain, row.domain) << row.argument;
        EXPECT_EQ(path->null, row.null) << row.argument;
        EXPECT_EQ(path->routed, row.routed) << row.argument;
    }
}

TEST(SmtpPath, Refused) {
    for (const std::string_view argument :
         {"", "TO", "TO:", "FROM:<a@b>", "TO:a@b", "TO:<a@b", "TO:<a@b>x", "TO:<@b>", "TO:<a@>", "TO:<a b@c>",
          "TO:<a@b@c>", "TO:<\"a@c>", "TO:<@route>", "TO:<<a@b>>", "TO:<a@b> =x", "TO:<a@b> A_B=1"}) {
        EXPECT_FALSE(parse_smtp_path(argument, "TO")) << argument;
    }
    EXPECT_FALSE(parse_smtp_path("TO:<" + std::string(65, 'a') + "@b>", "TO"));
    EXPECT_TRUE(parse_smtp_path("TO:<" + std::string(64, 'a') + "@b>", "TO"));
    EXPECT_FALSE(parse_smtp_path("TO:<a@" + std::string(256, 'b') + ">", "TO"));
    std::string many = "TO:<a@b>";
    for (int i = 0; i < 17; ++i) many += " X=1";
    EXPECT_FALSE(parse_smtp_path(many, "TO"));
}

TEST(SmtpPath, Parameters) {
    const auto path = parse_smtp_path("FROM:<> size=100 BODY=8BITMIME  SMTPUTF8", "FROM");
    ASSERT_TRUE(path);
    EXPECT_TRUE(path->null);
    const std::vector<std::pair<std::string, std::string>> wanted{
        {"SIZE", "100"}, {"BODY", "8BITMIME"}, {"SMTPUTF8", ""}};
    EXPECT_EQ(path->parameters, wanted);
}

TEST(SmtpLineReader, LinesHoweverTheyAreCut) {
    const std::string stream = "EHLO a\r\nMAIL b\nQUIT\r\nrest";
    for (std::size_t cut = 1; cut <= stream.size(); ++cut) {
        SmtpLineReader reader(100);
        std::vector<std::string> lines;
        for (std::size_t at = 0; at < stream.size(); at += cut) {
            std::string_view input = std::string_view(stream).substr(at, cut);
            while (!input.empty())
                if (auto line = reader.take(input)) lines.push_back(*line);
        }
        EXPECT_EQ(lines, (std::vector<std::string>{"EHLO a", "MAIL b", "QUIT"})) << cut;
    }
}

TEST(SmtpLineReader, KeepsNoMoreThanItsLimit) {
    SmtpLineReader reader(10);
    const std::string endless(100'000, 'x');
    for (int i = 0; i < 10; ++i) {
        std::string_view input = endless;
        EXPECT_FALSE(reader.take(input));
    }
    std::string_view end = "\r\nNOOP\r\n";
    const auto cut_line = reader.take(end);
    ASSERT_TRUE(cut_line);
    EXPECT_EQ(cut_line->size(), 10U);
    EXPECT_TRUE(reader.overlong());
    EXPECT_EQ(reader.take(end), "NOOP");
    EXPECT_FALSE(reader.overlong());
}

struct Message {
    std::string_view stream, message, left;
};

class SmtpData : public ::testing::TestWithParam<Message> {};

TEST_P(SmtpData, HoweverItIsCut) {
    const auto& row = GetParam();
    for (std::size_t cut = 1; cut <= row.stream.size(); ++cut) {
        SmtpDataReader reader(1000);
        std::string left;
        bool done = false;
        for (std::size_t at = 0; at < row.stream.size(); at += cut) {
            auto input = row.stream.substr(at, cut);
            if (!done) done = reader.take(input);
            if (done) left += input;
        }
        EXPECT_TRUE(done) << cut;
        EXPECT_EQ(reader.message(), row.message) << cut;
        EXPECT_EQ(left, row.left) << cut;
    }
}

INSTANTIATE_TEST_SUITE_P(Rows, SmtpData,
                         ::testing::Values(Message{".\r\n", "", ""}, Message{"a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n"},
                                           Message{"..\r\n.\r\n", ".\r\n", ""},
                                           Message{"..a\r\n...\r\n.\r\n", ".a\r\n..\r\n", ""},
                                           Message{".a\r\n.\r\n", "a\r\n", ""}, Message{"a.\r\n.\r\n", "a.\r\n", ""},
                                           // No end but CRLF "." CRLF: a message can't be read as two.
                                           Message{"a\n.\nMAIL\r\n.\r\n", "a\n.\nMAIL\r\n", ""},
                                           Message{"a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", ""},
                                           Message{"a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", ""},
                                           Message{"a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", ""},
                                           Message{"a\r.\r\nb\r\r\n.\r\n", "a\r.\r\nb\r\r\n", ""}));

TEST(SmtpDataReader, KeepsNoMoreThanItsLimit) {
    SmtpDataReader reader(10);
    const std::string line = std::string(998, 'x') + "\r\n";
    for (int i = 0; i < 100; ++i) {
        std::string_view input = line;
        EXPECT_FALSE(reader.take(input));
    }
    std::string_view end = ".\r\n";
    EXPECT_TRUE(reader.take(end));
    EXPECT_TRUE(reader.overlong());
    EXPECT_EQ(reader.message().size(), 10U);
    EXPECT_EQ(reader.size(), 100'000U);
}

} // namespace
} // namespace provenbl::verifier::wire
