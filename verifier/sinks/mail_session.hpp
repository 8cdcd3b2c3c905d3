// One SMTP dialogue of the mail sink as a small machine: a line in, a reply and the next thing to do out
// (RFC 5321). No sockets: mail_sink.cpp reads, writes and commits for it; tests step it.
//
// It takes mail for <token>@<probe domain>, or for the token at the sink's own name or address literal, and for
// nothing else: it relays nothing, and a mail that it takes is always proof. A client that reached us through a tunnel
// says `NOOP <token>` instead.
//
// Traps are other addresses whose mail is taken: it proves nothing, and is only a reason to look (trap_reports.hpp).
#pragma once

#include "store/records.hpp"
#include "store/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::verifier {

struct MailSessionRules {
    std::string hostname;
    std::string probe_domain;
    std::string contact; // where people write, said to those who mail our postmaster here
    std::size_t message_limit = std::size_t{256} * 1024;
    std::size_t command_limit = 100;
    std::vector<std::string> other_names{}; // of this sink: its host name, its address literals
    std::vector<std::string> traps{};       // TrapSettings::addresses
};

class MailSession {
public:
    // Receiver::examine.
    using Examine = std::function<Result<TokenId>(std::string_view text, SinkKind sink)>;

    MailSession(const MailSessionRules& rules, Examine examine);

    enum class Next {
        command,  // read the next line
        message,  // read a message, then call delivered()
        callback, // record that token() arrived through a tunnel, then call called_back()
        close,
    };
    struct Step {
        std::string reply; // with its line end; empty when the reply comes later
        Next next = Next::command;
    };

    [[nodiscard]] std::string greeting() const;
    Step command(std::string_view line, bool overlong);

    [[nodiscard]] const std::vector<TokenId>& recipients() const { return recipients_; }
    [[nodiscard]] const std::string& trap() const { return trap_; }     // that the mail is for, too; empty: none
    [[nodiscard]] const std::string& sender() const { return sender_; } // empty: the null sender
    // The message has ended. `outcomes` has one for each recipient, and none when it was too long to keep; `trapped` is
    // what came of the trap.
    Step delivered(const std::vector<Result<>>& outcomes, bool overlong, const Result<>& trapped = {});

    [[nodiscard]] const TokenId& token() const { return token_; }
    Step called_back(const Result<>& outcome, std::string_view answer);

private:
    Step mail(std::string_view argument);
    Step recipient(std::string_view argument);
    Step data(std::string_view argument);
    Step noop(std::string_view argument);
    Step bad(std::string_view reply);
    void reset();
    [[nodiscard]] bool is_ours(std::string_view domain) const;
    [[nodiscard]] bool is_trap(std::string_view local_part, std::string_view domain) const;

    const MailSessionRules& rules_;
    Examine examine_;
    bool greeted_ = false;
    bool in_mail_ = false;
    std::string sender_;
    std::vector<TokenId> recipients_;
    std::string trap_;
    TokenId token_{};
    std::size_t commands_ = 0;
    std::size_t bad_commands_ = 0;
};

} // namespace provenbl::verifier
