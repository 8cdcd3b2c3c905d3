// The LMTP dialogue, stepped by hand (RFC 2033).
#include "tools/intake/lmtp/lmtp_session.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace provenbl::tools::intake {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class LmtpSessionTest : public testing::Test {
protected:
    static LmtpRules rules() {
        LmtpRules made;
        made.hostname = "bl.example";
        made.knows = [](std::string_view address) {
            return address == "spam@bl.example" || address == "two@bl.example";
        };
        made.message_limit = 1000;
        made.recipient_limit = 3;
        made.command_limit = 30;
        made.error_limit = 3;
        return made;
    }
    std::string say(std::string_view line) {
        last = session.command(line, false);
        return last.reply;
    }
    void begin() {
        EXPECT_THAT(say("LHLO mx.example"), StartsWith("250-bl.example\r\n"));
        EXPECT_THAT(say("MAIL FROM:<a@b.example> SIZE=100 BODY=8BITMIME"), StartsWith("250 2.1.0"));
    }
    LmtpSession session{rules()};
    LmtpSession::Step last;
};

TEST_F(LmtpSessionTest, OneReplyForEachRecipientThatWasAccepted) {
    EXPECT_THAT(session.greeting(), StartsWith("220 bl.example LMTP"));
    begin();
    EXPECT_THAT(say("RCPT TO:<spam@bl.example>"), StartsWith("250 2.1.5"));
    EXPECT_THAT(say("RCPT TO:<nobody@bl.example>"), HasSubstr("intake.mail.addresses"));
    EXPECT_THAT(say("RCPT TO:<two@bl.example>"), StartsWith("250 2.1.5"));
    EXPECT_THAT(session.recipients(), ElementsAre("spam@bl.example", "two@bl.example"));
    EXPECT_THAT(say("DATA"), StartsWith("354"));
    EXPECT_EQ(last.next, LmtpSession::Next::message);
    EXPECT_EQ(session.delivered({{250, "2.0.0", "reported"}, {451, "4.3.0", "later"}}).reply,
              "250 2.0.0 reported\r\n451 4.3.0 later\r\n");
    EXPECT_TRUE(session.recipients().empty());
    EXPECT_THAT(say("MAIL FROM:<>"), StartsWith("250")) << "another mail on the same connection";
}

TEST_F(LmtpSessionTest, ExtensionsAreOffered) {
    const auto offered = say("lhlo mx.example");
    for (const char* extension : {"250-PIPELINING\r\n", "250-SIZE 1000\r\n", "250-8BITMIME\r\n"})
        EXPECT_THAT(offered, HasSubstr(extension));
    EXPECT_THAT(offered, EndsWith("250 ENHANCEDSTATUSCODES\r\n"));
}

TEST_F(LmtpSessionTest, SmtpIsToldThatThisIsLmtp) {
    EXPECT_THAT(say("EHLO mx.example"), HasSubstr("say LHLO"));
    EXPECT_THAT(say("HELO mx.example"), StartsWith("500 "));
}

TEST_F(LmtpSessionTest, NoMailWithoutARecipient) {
    begin();
    EXPECT_THAT(say("RCPT TO:<nobody@bl.example>"), StartsWith("550 5.1.1"));
    EXPECT_THAT(say("DATA"), StartsWith("503 5.5.1")) << "RFC 2033 4.2";
    EXPECT_EQ(last.next, LmtpSession::Next::command);
}

TEST_F(LmtpSessionTest, TooLargeIsSaidOnceForEachRecipient) {
    begin();
    say("RSET");
    EXPECT_THAT(say("MAIL FROM:<> SIZE=1001"), StartsWith("552 5.3.4"));
    EXPECT_THAT(say("MAIL FROM:<> SIZE=99999999999999999999999"), StartsWith("552 5.3.4"));
    say("MAIL FROM:<>");
    say("RCPT TO:<spam@bl.example>");
    say("RCPT TO:<spam@bl.example>");
    say("DATA");
    const auto reply = session.too_long().reply;
    EXPECT_EQ(std::count(reply.begin(), reply.end(), '\n'), 2);
    EXPECT_THAT(reply, HasSubstr("intake.mail.message_limit"));
}

TEST_F(LmtpSessionTest, EverythingHasABound) {
    begin();
    for (int i = 0; i < 3; ++i) EXPECT_THAT(say("RCPT TO:<spam@bl.example>"), StartsWith("250"));
    EXPECT_THAT(say("RCPT TO:<spam@bl.example>"), StartsWith("452 4.5.3"));
    EXPECT_EQ(session.recipients().size(), 3U);
    for (int i = 0; last.next != LmtpSession::Next::close && i < 100; ++i) say("NOOP");
    EXPECT_THAT(last.reply, StartsWith("421 4.7.0 too many commands"));
}

TEST_F(LmtpSessionTest, AnotherProtocolIsSoonEnded) {
    EXPECT_THAT(session.command("x", true).reply, StartsWith("500 5.5.6"));
    say("GET / HTTP/1.1");
    EXPECT_EQ(last.next, LmtpSession::Next::command);
    say("Host: x");
    EXPECT_EQ(last.next, LmtpSession::Next::close);
}

TEST_F(LmtpSessionTest, NothingOutOfOrder) {
    EXPECT_THAT(say("MAIL FROM:<>"), StartsWith("503"));
    say("LHLO x");
    EXPECT_THAT(say("RCPT TO:<spam@bl.example>"), StartsWith("503"));
}

TEST(LmtpReply, IsOnePrintableLine) {
    EXPECT_EQ((LmtpReply{250, "2.0.0", "a\r\n550 b\x1b"}.line()), "250 2.0.0 a??550 b?\r\n");
    EXPECT_LE((LmtpReply{250, "2.0.0", std::string(5000, 'x')}.line().size()), 512U);
}

} // namespace
} // namespace provenbl::tools::intake
