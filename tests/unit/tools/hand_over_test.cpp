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

Talk talk(std::deque<std::string> replies, SmarthostTls tls = SmarthostTls::opportunistic) {
    Talk result;
    verifier::techniques::SmtpSession session{std::make_unique<Scripted>(std::move(replies), result.said)};
    boost::asio::io_context io;
    boost::asio::co_spawn(io,
                          hand_over(session, {"me.example", "mail.example", tls}, {"verp@p.example", "abuse@x.example"},
                                    "Subject: x\r\n\r\n.dot\r\n"),
                          [&](const std::exception_ptr&, Delivery made) { result.delivery = std::move(made); });
    io.run();
    return result;
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

} // namespace
} // namespace provenbl::tools::letters
