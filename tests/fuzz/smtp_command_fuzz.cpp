// The mail sink's input: lines, commands, paths, the message, and the dialogue over them, in one stream.
//
// The first byte cuts the stream into pieces. However it is cut, the lines must be the same; readers must
// keep no more than their limit; and no input may bring the session to take a mail without a token.
#include "verifier/sinks/mail_session.hpp"
#include "verifier/wire/smtp_command.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace provenbl;
using namespace provenbl::verifier;

constexpr std::size_t line_limit = 64;
constexpr std::size_t message_limit = 256;
constexpr std::string_view token = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

void require(bool condition) {
    if (!condition) std::abort();
}

Result<TokenId> examine(std::string_view text, SinkKind sink) {
    if (text != token || sink != SinkKind::mail) return Error{Errc::invalid, "not a token"};
    return TokenId{};
}

std::vector<std::string> lines_of(std::string_view stream, std::size_t piece) {
    wire::SmtpLineReader reader(line_limit);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
        auto input = stream.substr(at, piece);
        while (!input.empty()) {
            if (auto line = reader.take(input)) {
                require(line->size() <= line_limit);
                lines.push_back(std::move(*line));
            }
        }
    }
    return lines;
}

void talk(std::string_view input) {
    const MailSessionRules rules{"sink.example", "probe.example", "abuse@example.net", message_limit, 50};
    MailSession session(rules, examine);
    wire::SmtpLineReader lines(line_limit);
    std::optional<wire::SmtpDataReader> data;
    while (!input.empty()) {
        MailSession::Step step;
        if (data) {
            if (!data->take(input)) continue;
            require(data->message().size() <= message_limit);
            require(!session.recipients().empty());
            step = session.delivered(std::vector<Result<>>(session.recipients().size()), data->overlong());
            data.reset();
        } else {
            const auto line = lines.take(input);
            if (!line) continue;
            step = session.command(*line, lines.overlong());
        }
        require(step.next != MailSession::Next::callback); // examine() knows no token of a tunnel
        require(step.reply.ends_with("\r\n"));
        if (step.next == MailSession::Next::close) return;
        if (step.next == MailSession::Next::message) data.emplace(message_limit);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view stream(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    const std::size_t piece = std::max<std::size_t>(1, bytes[0]);
    require(lines_of(stream, piece) == lines_of(stream, std::max<std::size_t>(1, stream.size())));
    for (const std::string_view keyword : {"FROM", "TO"}) {
        if (const auto path = wire::parse_smtp_path(stream, keyword))
            require(path->null || path->local_part.size() <= 64);
    }
    talk(stream);
    return 0;
}
