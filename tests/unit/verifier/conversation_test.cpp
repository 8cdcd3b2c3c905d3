// Transcripts: printable whatever is said, in time order, bounded.
#include "verifier/conversation.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace provenbl::verifier {
namespace {

struct ConversationTest : ::testing::Test {
    ManualClock clock{Time{std::chrono::hours(1)}};
};

TEST_F(ConversationTest, says_who_said_what_and_when) {
    Conversation conversation(clock);
    conversation.note("connected");
    clock.advance(Duration(12));
    conversation.received("220 mx ESMTP\r\n");
    clock.advance(Duration(1500));
    conversation.sent("EHLO us\r\n");
    EXPECT_EQ(conversation.text(), "+0.000 * connected\n+0.012 < 220 mx ESMTP\n+1.512 > EHLO us\n");
}

TEST_F(ConversationTest, lines_of_one_write_stand_apart) {
    Conversation conversation(clock);
    conversation.sent("one\r\n\r\ntwo\nthree");
    EXPECT_EQ(conversation.text(), "+0.000 > one\n+0.000 > \n+0.000 > two\n+0.000 > three\n");
}

TEST_F(ConversationTest, bytes_that_are_not_printable_are_escaped) {
    Conversation conversation(clock);
    conversation.sent(std::string_view("\x05\x01\x00", 3));
    conversation.received("\x1b[31m\xc3\xa9 back\\slash\rx");
    EXPECT_EQ(conversation.text(), "+0.000 > \\x05\\x01\\x00\n+0.000 < \\x1b[31m\\xc3\\xa9 back\\\\slash\\x0dx\n");
}

TEST_F(ConversationTest, an_observer_sees_each_line_as_it_happens) {
    std::vector<std::string> seen;
    Conversation conversation(clock, [&](std::string_view line) { seen.emplace_back(line); });
    conversation.received("a\r\nb\r\n");
    EXPECT_EQ(seen, (std::vector<std::string>{"+0.000 < a", "+0.000 < b"}));
}

TEST_F(ConversationTest, what_comes_after_the_limit_is_counted_not_kept) {
    Conversation conversation(clock);
    const std::string line(1000, 'x');
    for (int i = 0; i < 1000; ++i) conversation.received(line);
    EXPECT_LE(conversation.text().size(), Conversation::limit + 100);
    EXPECT_GT(conversation.text().size(), Conversation::limit - 2000);
    const auto lines = Conversation::limit / 1010; // of 1010 characters: offset, arrow, 1000, line end
    EXPECT_TRUE(conversation.text().ends_with("\n... " + std::to_string((1000 - lines) * 1010) +
                                              " more characters were not kept\n"))
        << conversation.text().substr(conversation.text().size() - 100);
}

} // namespace
} // namespace provenbl::verifier
