// No pipelining: an open relay may be old, and a verdict needs to know which command a reply is for.
#include "verifier/techniques/smtp_session.hpp"

#include <utility>

namespace provenbl::verifier::techniques {

Awaitable<Result<wire::SmtpReply>> SmtpSession::reply() {
    wire::SmtpReplyParser parser;
    const auto parse = [&parser](std::string& buffer) { return parser.feed(buffer); };
    co_return co_await dialogue_.read<wire::SmtpReply>(parse);
}

Awaitable<Result<wire::SmtpReply>> SmtpSession::command(std::string line) {
    line += "\r\n";
    return message(std::move(line));
}

Awaitable<Result<wire::SmtpReply>> SmtpSession::message(std::string bytes) {
    dialogue_.unread().clear();
    const Result<> sent = co_await dialogue_.send(bytes);
    if (!sent) co_return sent.error();
    co_return co_await reply();
}

Awaitable<Result<>> SmtpSession::start_tls(std::string server_name) {
    dialogue_.unread().clear();
    const TlsWish wish{std::move(server_name), {}};
    co_return co_await dialogue_.connection().start_tls(wish);
}

Awaitable<void> SmtpSession::quit() {
    static constexpr Duration courtesy{2000};
    dialogue_.unread().clear();
    const std::string line = "QUIT\r\n";
    const Result<> sent = co_await dialogue_.send(line);
    if (sent) (void)co_await dialogue_.more(courtesy);
    dialogue_.connection().close();
}

} // namespace provenbl::verifier::techniques
