#include "verifier/wire/bounce.hpp"

#include <gtest/gtest.h>

namespace provenbl::verifier::wire {
namespace {

TEST(Bounce, ADeliveryStatusDecides) {
    const auto status = [](const char* action) {
        return std::string{"From: MAILER-DAEMON@x\r\nAuto-Submitted: auto-replied\r\nContent-Type: "
                           "multipart/report\r\n\r\n--b\r\n\r\n"
                           "Final-Recipient: rfc822; abuse@x.example\r\nAction: "} +
               action + "\r\nStatus: 5.1.1\r\n";
    };
    EXPECT_TRUE(is_final_failure("", status("failed")));
    EXPECT_TRUE(is_final_failure("", status("Failed")));
    EXPECT_FALSE(is_final_failure("", status("delayed")));
    EXPECT_FALSE(is_final_failure("", status("relayed")));
    EXPECT_FALSE(is_final_failure("somebody@x.example", status("failed")));
}

TEST(Bounce, ANoticeWithoutStatusFromNobodyIsOne) {
    EXPECT_TRUE(is_final_failure("", "Subject: failure notice\n\nHi. This is the qmail-send program.\n"));
    EXPECT_TRUE(is_final_failure("", ""));
}

TEST(Bounce, AVacationNoticeIsNone) {
    EXPECT_FALSE(is_final_failure("", "Auto-Submitted: auto-replied (vacation)\r\n\r\nI am away.\r\n"));
    // What a letter quotes is not its header.
    EXPECT_TRUE(is_final_failure("", "Subject: x\r\n\r\nAuto-Submitted: auto-replied\r\n"));
}

TEST(Bounce, AnActionInTheHeadSaysNothing) {
    EXPECT_TRUE(is_final_failure("", "Action: delayed\r\n\r\ntext\r\n"));
}

} // namespace
} // namespace provenbl::verifier::wire
