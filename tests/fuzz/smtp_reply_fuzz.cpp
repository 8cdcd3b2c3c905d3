// The SMTP reply parser under any bytes: it stays in its bounds, and how the bytes are cut changes nothing.
#include "verifier/fingerprint/mail_software.hpp"
#include "verifier/wire/smtp_reply.hpp"

#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

using namespace provenbl;
using namespace provenbl::verifier::wire;

struct Outcome {
    std::vector<SmtpReply> replies;
    bool failed = false;
};

void require(bool holds) {
    if (!holds) std::abort();
}

// Feeds `step` bytes at a time.
Outcome parse(std::string_view bytes, std::size_t step) {
    Outcome outcome;
    SmtpReplyParser parser;
    std::string buffer;
    while (!outcome.failed) {
        const auto reply = parser.feed(buffer);
        if (!reply) {
            outcome.failed = true;
        } else if (*reply) {
            outcome.replies.push_back(**reply);
        } else {
            require(buffer.empty()); // it keeps what it needs itself
            if (bytes.empty()) break;
            buffer = bytes.substr(0, step);
            bytes.remove_prefix(buffer.size());
        }
    }
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = parse(bytes, size + 1);
    const auto pieces = parse(bytes, 1);
    require(whole.failed == pieces.failed && whole.replies.size() == pieces.replies.size());
    for (std::size_t i = 0; i < whole.replies.size(); ++i) {
        const auto& reply = whole.replies[i];
        require(reply.code == pieces.replies[i].code && reply.lines == pieces.replies[i].lines);
        require(reply.code >= 200 && reply.code <= 599);
        require(!reply.lines.empty() && reply.lines.size() <= SmtpReplyParser::max_lines);
        for (const auto& line : reply.lines) require(line.size() <= SmtpReplyParser::line_limit);
        require(reply.quote().size() <= 170);
        const auto name = server_name(reply);
        require(!name || name->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos);
        (void)offers(reply, "STARTTLS");
        (void)complains_of_rate(reply);
        (void)provenbl::verifier::fingerprint::by_banner(reply);
        (void)provenbl::verifier::fingerprint::by_help(reply);
        (void)provenbl::verifier::fingerprint::by_ehlo(reply);
    }
    return 0;
}
