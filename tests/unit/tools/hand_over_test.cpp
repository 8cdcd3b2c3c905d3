// The conversation with the smarthost, against a script.
#include "tools/letters/hand_over.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include <algorithm>
#include <deque>

namespace provenbl::tools::letters {
namespace {

using testing::HasSubstr;

// Answers each thing that is said with the next reply; after the last one the connection ends.
class Scripted final : public verifier::Connection {
public:
    Scripted(std::deque<std::string> replies, std::string& said) : replies_(std::move(replies)), said_(said) { next(); }
    verifier::Awaitable<Result<std::size_t>> read_some(std::span<char> into, Duration) override {
        if (ready_.empty()) co_return Error{Errc::closed, "ended"};
        const auto size = std::min(into.size(), ready_.size());
        std::copy_n(ready_.begin(), size, into.begin());
        ready_.erase(0, size);
        co_return size;
    }
    verifier::Awaitable<Result<>> write(std::string_view bytes) override {
        said_ += bytes;
        next();
        co_return Result<>{};
    }
    verifier::Awaitable<Result<>> start_tls(const verifier::TlsWish& wish) override {
        said_ += "[TLS " + wish.server_name + "]";
        co_return Result<>{};
    }
    void close() override {}

private:
    void next() {
        if (replies_.empty()) return;
        ready_ += replies_.front();
        replies_.pop_front();
    }
    std::deque<std::string> replies_;
    std::string ready_;
    std::string& said_;
};

struct Talk {
    Delivery delivery;
    std::string said;
};

Talk talk_as(std::deque<std::string> replies, const Greeting& greeting) {
    Talk result;
    verifier::techniques::SmtpSession session{std::make_unique<Scripted>(std::move(replies), result.said)};
    boost::asio::io_context io;
    boost::asio::co_spawn(
        io, hand_over(session, greeting, {"verp@p.example", "abuse@x.example"}, "Subject: x\r\n\r\n.dot\r\n"),
        [&](const std::exception_ptr&, Delivery made) { result.delivery = std::move(made); });
    io.run();
    return result;
}

Talk talk(std::deque<std::string> replies, SmarthostTls tls = SmarthostTls::opportunistic) {
    return talk_as(std::move(replies), {"me.example", "mail.example", tls});
}

const Credentials ours{"list", "s3cret"};

// Inside TLS by STARTTLS the server says `hello`, then `replies`, then takes the mail.
Talk talk_known(const std::string& hello, const std::deque<std::string>& replies,
                const Credentials& credentials = ours) {
    std::deque<std::string> all{"220 hi\r\n", "250-me\r\n250-AUTH LOGIN\r\n250 STARTTLS\r\n", "220 go\r\n", hello};
    all.insert(all.end(), replies.begin(), replies.end());
    for (const char* end : {"250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 queued\r\n", "221 bye\r\n"})
        all.emplace_back(end);
    Greeting greeting{"me.example", "mail.example"};
    greeting.credentials = credentials;
    return talk_as(std::move(all), greeting);
}

const std::deque<std::string> good{"220 hi\r\n", "250 me\r\n",     "250 ok\r\n", "250 ok\r\n",
                                   "354 go\r\n", "250 queued\r\n", "221 bye\r\n"};

std::deque<std::string> with(std::size_t at, const char* reply) {
    auto replies = good;
    replies.at(at) = reply;
    replies.resize(at + 1);
    return replies;
}

TEST(HandOver, TheWholeConversation) {
    const auto [delivery, said] = talk(good);
    EXPECT_EQ(delivery.outcome, Outcome::taken);
    EXPECT_EQ(said, "EHLO me.example\r\nMAIL FROM:<verp@p.example>\r\nRCPT TO:<abuse@x.example>\r\nDATA\r\n"
                    "Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n");
}

TEST(HandOver, OnlyARecipientIsRefusedForGood) {
    EXPECT_EQ(talk(with(3, "550 no such user\r\n")).delivery.outcome, Outcome::refused);
    EXPECT_EQ(talk(with(3, "450 later\r\n")).delivery.outcome, Outcome::later);
    EXPECT_EQ(talk(with(2, "550 not you\r\n")).delivery.outcome, Outcome::later);
    EXPECT_EQ(talk(with(0, "554 go away\r\n")).delivery.outcome, Outcome::later);
    EXPECT_THAT(talk(with(5, "554 spam\r\n")).delivery.why, HasSubstr("554 spam"));
    EXPECT_EQ(talk(with(5, "554 spam\r\n")).delivery.outcome, Outcome::later);
}

TEST(HandOver, NoAnswerToTheMessageLeavesItUnsureAndBeforeThatItIsNot) {
    auto replies = good;
    replies.resize(5);
    EXPECT_EQ(talk(replies).delivery.outcome, Outcome::unsure);
    for (std::size_t size = 0; size < 5; ++size) {
        replies.resize(size);
        EXPECT_EQ(talk(replies).delivery.outcome, Outcome::later) << size;
    }
}

TEST(HandOver, TlsWhereItIsOfferedAndAsConfigured) {
    std::deque<std::string> offers{"220 hi\r\n", "250-me\r\n250 STARTTLS\r\n",
                                   "220 go\r\n", "250 me\r\n",
                                   "250 ok\r\n", "250 ok\r\n",
                                   "354 go\r\n", "250 q\r\n",
                                   "221 bye\r\n"};
    const auto secured = talk(offers);
    EXPECT_EQ(secured.delivery.outcome, Outcome::taken);
    EXPECT_THAT(secured.said, HasSubstr("STARTTLS\r\n[TLS mail.example]EHLO me.example\r\nMAIL"));
    EXPECT_EQ(talk(good, SmarthostTls::required).delivery.outcome, Outcome::later);
    offers.erase(offers.begin() + 2, offers.begin() + 4);
    const auto plain = talk(offers, SmarthostTls::none);
    EXPECT_EQ(plain.delivery.outcome, Outcome::taken);
    EXPECT_THAT(plain.said, testing::Not(HasSubstr("STARTTLS")));
}

// "\0list\0s3cret"
TEST(HandOver, ThePasswordGoesInsideTlsByPlain) {
    const auto [delivery, said] =
        talk_known("250-me\r\n250-AUTH DIGEST-MD5 LOGIN plain\r\n250 SIZE\r\n", {"235 2.7.0 welcome\r\n"});
    EXPECT_EQ(delivery.outcome, Outcome::taken) << delivery.why;
    EXPECT_THAT(said, HasSubstr("[TLS mail.example]EHLO me.example\r\nAUTH PLAIN AGxpc3QAczNjcmV0\r\nMAIL FROM"));
}

TEST(HandOver, WhatWasOfferedOutsideOfTlsIsForgotten) {
    const auto [delivery, said] = talk_known("250-me\r\n250 SIZE\r\n", {});
    EXPECT_EQ(delivery.outcome, Outcome::later);
    EXPECT_THAT(delivery.why, HasSubstr("offers no AUTH"));
    EXPECT_THAT(said, testing::Not(HasSubstr("AUTH ")));
}

TEST(HandOver, LoginWhereThereIsNothingBetter) {
    const auto [delivery, said] =
        talk_known("250-me\r\n250 AUTH=LOGIN\r\n", {"334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n", "235 ok\r\n"});
    EXPECT_EQ(delivery.outcome, Outcome::taken) << delivery.why;
    EXPECT_THAT(said, HasSubstr("AUTH LOGIN\r\nbGlzdA==\r\nczNjcmV0\r\nMAIL FROM"));
}

TEST(HandOver, ALongPasswordWaitsUntilItIsAskedFor) {
    const Credentials longest{std::string(255, 'u'), std::string(255, 'p')};
    const auto [delivery, said] = talk_known("250-me\r\n250 AUTH PLAIN\r\n", {"334 \r\n", "235 ok\r\n"}, longest);
    EXPECT_EQ(delivery.outcome, Outcome::taken) << delivery.why;
    EXPECT_THAT(said, HasSubstr("\r\nAUTH PLAIN\r\nAHV1"));
}

TEST(HandOver, ARefusedPasswordIsNoLettersEnd) {
    const auto refused = talk_known("250-me\r\n250 AUTH PLAIN\r\n", {"535 5.7.8 bad\r\n"});
    EXPECT_EQ(refused.delivery.outcome, Outcome::later);
    EXPECT_THAT(refused.delivery.why, testing::AllOf(HasSubstr("letters.password_file"), HasSubstr("535 5.7.8 bad"),
                                                     testing::Not(HasSubstr(ours.password))));
    EXPECT_THAT(refused.said, testing::Not(HasSubstr("MAIL FROM")));
    EXPECT_THAT(talk_known("250-me\r\n250 AUTH PLAIN\r\n", {"454 later\r\n"}).delivery.why, HasSubstr("454 later"));
    // A server that never has enough is not asked for ever.
    EXPECT_EQ(talk_known("250-me\r\n250 AUTH PLAIN\r\n", {"334 more\r\n"}).delivery.outcome, Outcome::later);
    EXPECT_THAT(talk_known("250-me\r\n250 AUTH XOAUTH2 CRAM-MD5\r\n", {}).delivery.why, HasSubstr("XOAUTH2 CRAM-MD5"));
}

TEST(HandOver, NoPasswordInClearText) {
    Greeting greeting{"me.example", "mail.example"};
    greeting.credentials = ours;
    for (const auto tls : {SmarthostTls::opportunistic, SmarthostTls::none}) {
        greeting.tls = tls;
        auto replies = good;
        replies.at(1) = "250-me\r\n250 AUTH PLAIN LOGIN\r\n";
        const auto [delivery, said] = talk_as(replies, greeting);
        EXPECT_EQ(delivery.outcome, Outcome::later);
        EXPECT_THAT(delivery.why, testing::AllOf(HasSubstr("never sent in clear text"), HasSubstr("587")));
        EXPECT_EQ(said, "EHLO me.example\r\n");
        EXPECT_TRUE(greeting.checks_certificate());
    }
}

TEST(HandOver, OnPort465TlsComesFirst) {
    Greeting greeting{"me.example", "mail.example", SmarthostTls::required};
    greeting.tls_at_once = true;
    greeting.credentials = ours;
    auto replies = good;
    replies.at(1) = "250-me\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n";
    replies.insert(replies.begin() + 2, "235 ok\r\n");
    const auto [delivery, said] = talk_as(replies, greeting);
    EXPECT_EQ(delivery.outcome, Outcome::taken) << delivery.why;
    EXPECT_THAT(said, testing::StartsWith("[TLS mail.example]EHLO me.example\r\nAUTH PLAIN "));
    EXPECT_THAT(said, testing::Not(HasSubstr("STARTTLS")));
}

} // namespace
} // namespace provenbl::tools::letters
