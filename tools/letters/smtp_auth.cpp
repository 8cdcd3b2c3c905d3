#include "tools/letters/smtp_auth.hpp"

#include "tools/letters/mime.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace provenbl::tools::letters {
namespace {

using verifier::Awaitable;
using verifier::techniques::SmtpSession;
using verifier::wire::SmtpReply;

constexpr std::size_t longest_line = 510; // of a command, before CRLF (RFC 5321 4.5.3.1.4)

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
    return text;
}

// " PLAIN LOGIN " of a line "AUTH PLAIN LOGIN"; also of "AUTH=PLAIN LOGIN", as servers said before there was an RFC.
std::string mechanisms(const SmtpReply& hello) {
    std::string all = " ";
    for (const auto& line : hello.lines) {
        const auto said = upper(line);
        if (said.starts_with("AUTH ") || said.starts_with("AUTH=")) all += said.substr(5) + " ";
    }
    return all;
}

// The line with which each question of the server is answered, from the first on. LOGIN asks for the name, then for the
// password; PLAIN is one answer, which goes with the command where there is room for it.
std::vector<std::string> lines_of(const std::string& offered, const Credentials& credentials) {
    if (offered.find(" PLAIN ") != std::string::npos) {
        const auto answer = mime::base64('\0' + credentials.user + '\0' + credentials.password);
        auto whole = "AUTH PLAIN " + answer;
        if (whole.size() <= longest_line) return {std::move(whole)};
        return {"AUTH PLAIN", answer};
    }
    if (offered.find(" LOGIN ") != std::string::npos)
        return {"AUTH LOGIN", mime::base64(credentials.user), mime::base64(credentials.password)};
    return {};
}

Error nothing_known(const std::string& offered) {
    if (offered == " ")
        return {Errc::protocol, "the smarthost offers no AUTH: ask its operator for its submission port (587, or 465), "
                                "or leave letters.user out"};
    return {Errc::protocol, fmt::format("the smarthost offers AUTH as{}alone; known are PLAIN and LOGIN", offered)};
}

} // namespace

Awaitable<Result<>> log_in(SmtpSession& session, SmtpReply hello, Credentials credentials) {
    const auto offered = mechanisms(hello);
    const auto lines = lines_of(offered, credentials);
    if (lines.empty()) co_return nothing_known(offered);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::string line = lines[i];
        const Result<SmtpReply> reply = co_await session.command(std::move(line));
        if (!reply) co_return reply.error();
        if (reply->code == 235) co_return Result<>{};
        if (reply->code == 334 && i + 1 < lines.size()) continue;
        if (reply->kind() == 5)
            co_return Error{
                Errc::not_allowed,
                fmt::format("the smarthost refuses letters.user with the password of letters.password_file: {}",
                            reply->quote())};
        co_return Error{Errc::protocol, reply->quote()};
    }
    co_return Error{Errc::protocol, "the smarthost asks for more than a name and a password"};
}

} // namespace provenbl::tools::letters
