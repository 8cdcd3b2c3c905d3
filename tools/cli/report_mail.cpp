#include "tools/cli/report_mail.hpp"

#include "store/address.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

namespace provenbl::tools::cli {
namespace {

constexpr std::size_t largest = std::size_t{64} << 20U; // what intake.mail.message_limit can be at most
constexpr std::size_t longest_line = 4096;
constexpr timeval patience{120, 0}; // for one step; a commit can take long

struct Reply {
    unsigned code = 0;
    std::string text;     // of the last line, with the status
    std::size_t size = 0; // SIZE of an LHLO; 0: not said
    std::string_view status() const { return std::string_view{text}.substr(0, text.find(' ')); }
};

// Blocks, up to `patience` for each step. Errors are temporary: unreachable, closed, timeout, protocol.
class LmtpClient {
public:
    LmtpClient() = default;
    ~LmtpClient() {
        if (socket_ >= 0) ::close(socket_);
    }
    LmtpClient(const LmtpClient&) = delete;
    LmtpClient& operator=(const LmtpClient&) = delete;

    Result<> connect(const std::string& where) {
        constexpr std::string_view scheme = "unix:";
        sockaddr_storage name{};
        socklen_t size = 0;
        if (where.starts_with(scheme)) {
            auto& local = reinterpret_cast<sockaddr_un&>(name);
            const auto path = where.substr(scheme.size());
            if (path.empty() || path.size() >= sizeof local.sun_path)
                return Error{Errc::invalid, fmt::format("'{}' is no path of a socket", path)};
            local.sun_family = AF_UNIX;
            path.copy(local.sun_path, path.size());
            size = sizeof local;
        } else {
            const auto endpoint = Endpoint::parse(where);
            if (!endpoint)
                return Error{Errc::invalid, fmt::format("'{}' is neither unix:/path nor an address and a port", where)};
            if (endpoint->address.is_v4()) {
                auto& in = reinterpret_cast<sockaddr_in&>(name);
                in.sin_family = AF_INET;
                in.sin_port = htons(endpoint->port);
                in.sin_addr.s_addr = htonl(endpoint->address.to_v4());
                size = sizeof in;
            } else {
                auto& in = reinterpret_cast<sockaddr_in6&>(name);
                in.sin6_family = AF_INET6;
                in.sin6_port = htons(endpoint->port);
                std::memcpy(&in.sin6_addr, endpoint->address.bytes().data(), sizeof in.sin6_addr);
                size = sizeof in;
            }
        }
        socket_ = ::socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (socket_ >= 0) {
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        }
        if (socket_ < 0 || ::connect(socket_, reinterpret_cast<const sockaddr*>(&name), size) != 0)
            return Error{
                Errc::unreachable,
                fmt::format("can't reach {}: {}; does provenbl run with intake.mail, and may this user connect "
                            "to it?",
                            where, std::strerror(errno))};
        return {};
    }

    Result<Reply> ask(std::string_view words) {
        while (!words.empty()) {
            const auto sent = ::send(socket_, words.data(), words.size(), MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR) continue;
            if (sent <= 0)
                return Error{Errc::closed,
                             fmt::format("the server does not listen any more: {}", std::strerror(errno))};
            words.remove_prefix(static_cast<std::size_t>(sent));
        }
        return reply();
    }

    // All its lines (RFC 5321 4.2.1).
    Result<Reply> reply() {
        Reply reply;
        for (std::size_t lines = 0; lines < 100; ++lines) {
            const auto line = next_line();
            if (!line) return line.error();
            const auto [end, failed] =
                std::from_chars(line->data(), line->data() + std::min<std::size_t>(3, line->size()), reply.code);
            if (failed != std::errc{} || line->size() < 3 || end != line->data() + 3)
                return Error{Errc::protocol, "the server does not speak LMTP"};
            reply.text = line->size() > 4 ? line->substr(4) : std::string{};
            if (reply.text.starts_with("SIZE "))
                (void)std::from_chars(reply.text.data() + 5, reply.text.data() + reply.text.size(), reply.size);
            if (line->size() == 3 || (*line)[3] != '-') return reply;
        }
        return Error{Errc::protocol, "the server's reply does not end"};
    }

private:
    Result<std::string> next_line() {
        for (;;) {
            const auto end = read_.find('\n');
            if (end != std::string::npos) {
                auto line = read_.substr(0, end);
                read_.erase(0, end + 1);
                if (line.ends_with('\r')) line.pop_back();
                return line;
            }
            if (read_.size() > longest_line) return Error{Errc::protocol, "the server's reply has no line ends"};
            char buffer[1024];
            const auto size = ::recv(socket_, buffer, sizeof buffer, 0);
            if (size < 0 && errno == EINTR) continue;
            if (size < 0) return Error{Errc::timeout, fmt::format("the server says nothing: {}", std::strerror(errno))};
            if (size == 0) return Error{Errc::closed, "the server closed the connection"};
            read_.append(buffer, static_cast<std::size_t>(size));
        }
    }

    int socket_ = -1;
    std::string read_;
};

// How it went: the reply that decides. An error is one of the way there.
Result<Reply> converse(LmtpClient& client, const std::string& to, const std::string& mail) {
    auto reply = client.reply();
    if (reply && reply->code / 100 == 2) reply = client.ask("LHLO localhost\r\n");
    if (!reply || reply->code / 100 != 2) return reply;
    const bool too_large = reply->size != 0 && mail.size() > reply->size;
    const auto declared = too_large ? fmt::format(" SIZE={}", mail.size()) : std::string{};
    reply = client.ask(fmt::format("MAIL FROM:<>{}\r\n", declared)); // the server says what it thinks of that size
    if (reply && reply->code / 100 == 2) reply = client.ask(fmt::format("RCPT TO:<{}>\r\n", to));
    if (reply && reply->code / 100 == 2) reply = client.ask("DATA\r\n");
    if (reply && reply->code / 100 == 3) reply = client.ask(as_data(mail));
    return reply;
}

std::optional<std::string> read_all(std::istream& in) {
    std::string all;
    char buffer[65536];
    while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
        all.append(buffer, static_cast<std::size_t>(in.gcount()));
        if (all.size() > largest) return std::nullopt;
    }
    return all;
}

// Nothing that would end the command, or begin another one.
bool is_address(std::string_view text) {
    return !text.empty() && text.size() <= 320 && text.find_first_of("<> \t\r\n") == std::string_view::npos &&
           text.find('@') != std::string_view::npos;
}

Exit sysexit(int code) {
    return static_cast<Exit>(code);
}

} // namespace

int exit_of_reply(unsigned code, std::string_view status) {
    if (code / 100 == 2) return EX_OK;
    if (code / 100 != 5) return EX_TEMPFAIL;
    if (status.starts_with("5.1.")) return EX_NOUSER;
    if (status.starts_with("5.7.")) return EX_NOPERM;
    return EX_DATAERR;
}

std::string as_data(std::string_view mail) {
    std::string data;
    data.reserve(mail.size() + mail.size() / 32 + 16);
    while (!mail.empty()) {
        const auto end = mail.find('\n');
        auto line = mail.substr(0, end);
        mail.remove_prefix(end == std::string_view::npos ? mail.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.starts_with('.')) data += '.';
        data += line;
        data += "\r\n";
    }
    return data + ".\r\n";
}

Exit report_mail(Terminal& terminal, const MailRequest& request, std::istream& mail, bool json) {
    auto to = request.to;
    if (to.empty()) {
        const char* const recipient = std::getenv("RECIPIENT");
        if (recipient != nullptr) to = recipient;
    }
    if (!is_address(to)) {
        terminal.complain("say for which address the mail is, with --to or RECIPIENT in the environment");
        return sysexit(EX_USAGE);
    }
    const auto text = read_all(mail);
    if (!text) {
        terminal.complain(fmt::format("the mail is larger than {} bytes", largest));
        return sysexit(EX_DATAERR);
    }
    LmtpClient client;
    if (const auto connected = client.connect(request.lmtp); !connected) {
        terminal.complain(connected.error().message);
        return sysexit(connected.error().code == Errc::invalid ? EX_USAGE : EX_TEMPFAIL);
    }
    const auto reply = converse(client, to, *text);
    if (!reply) {
        terminal.complain(reply.error().message);
        return sysexit(EX_TEMPFAIL);
    }
    const int exit = exit_of_reply(reply->code, reply->status());
    const auto said = printable(reply->text);
    if (json)
        terminal.line(boost::json::serialize(
            boost::json::object{{"event", "mail"}, {"code", reply->code}, {"text", said}, {"exit", exit}}));
    else if (exit == EX_OK)
        terminal.line(said);
    if (exit != EX_OK) terminal.complain(said);
    return sysexit(exit);
}

} // namespace provenbl::tools::cli
