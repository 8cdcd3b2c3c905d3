// The server's side of one LMTP dialogue (RFC 2033) as a small machine: a line in, a reply and the next thing to do
// out. No sockets; tests step it.
//
// It takes mail for known addresses alone. After a message there is one reply for each recipient that was accepted, in
// their order (RFC 2033 4.2), so that each is delivered, refused or put off by itself.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::intake {

// "250 2.0.0 text" (RFC 5321 4.2, RFC 3463).
struct LmtpReply {
    unsigned code = 250;
    std::string status = "2.0.0";
    std::string text;
    // One line with its end: printable ASCII, no longer than a reply may be (RFC 5321 4.5.3.1.5).
    [[nodiscard]] std::string line() const;
};

struct LmtpRules {
    std::string hostname; // in the greeting
    std::function<bool(std::string_view address)> knows;
    std::size_t message_limit = std::size_t{1024} * 1024;
    std::size_t recipient_limit = 100; // of one mail (RFC 5321 4.5.3.1.8)
    std::size_t command_limit = 1000;
    std::size_t error_limit = 20;
};

class LmtpSession {
public:
    explicit LmtpSession(LmtpRules rules) : rules_(std::move(rules)) {}

    enum class Next {
        command, // read the next line
        message, // read a message, then call delivered()
        close,
    };
    struct Step {
        std::string reply; // with its line end
        Next next = Next::command;
    };

    [[nodiscard]] std::string greeting() const;
    Step command(std::string_view line, bool overlong);
    [[nodiscard]] const std::vector<std::string>& recipients() const { return recipients_; } // as they were given
    // The message has ended, and these are its replies, one for each recipient.
    Step delivered(const std::vector<LmtpReply>& replies);
    // ... or it was too long to keep.
    Step too_long();

private:
    Step mail(std::string_view argument);
    Step recipient(std::string_view argument);
    Step data(std::string_view argument);
    Step bad(std::string_view reply);
    void reset();

    const LmtpRules rules_;
    bool greeted_ = false;
    bool in_mail_ = false;
    std::vector<std::string> recipients_;
    std::size_t commands_ = 0;
    std::size_t errors_ = 0;
};

} // namespace provenbl::tools::intake
