// Spam that somebody has forwarded: as attachments, or inline with its header lines, quoted or not.
#include "store/ascii.hpp"
#include "tools/intake/mail/reading.hpp"

#include <fmt/format.h>

namespace provenbl::tools::intake::mail {
namespace {

constexpr std::size_t deepest_quote = 8;

// "> " or ">> " in front of a line, as the program that quoted wrote it.
std::string_view quote_of(std::string_view line) {
    auto rest = line;
    for (std::size_t i = 0; i < deepest_quote && rest.starts_with('>'); ++i) {
        rest.remove_prefix(1);
        if (rest.starts_with(' ')) rest.remove_prefix(1);
    }
    return line.substr(0, line.size() - rest.size());
}

// The header lines of a mail that stands in a text: from the first Received line on, so that what is written above it
// does not matter; nothing when there is none.
std::string inline_header(std::string_view text) {
    constexpr std::string_view first = "received:";
    std::string header;
    std::string_view quote; // of the first line, and so of the others
    while (!text.empty()) {
        auto line = take_line(text);
        if (header.empty()) {
            quote = quote_of(line);
            if (lower(line.substr(quote.size(), first.size())) != first) continue;
        }
        if (!line.starts_with(quote)) break;
        line.remove_prefix(quote.size());
        if (trimmed(line).empty()) break;
        header += line;
        header += '\n';
    }
    return header;
}

void take(Reading& reading, std::string_view text, const Rules& rules) {
    const auto header = take_header(text, rules.limits);
    auto entry = header ? injected(*header, rules) : Result<Entry>{header.error()};
    if (entry)
        add_entry(reading, std::move(*entry), rules);
    else
        reading.no_host.push_back(std::move(entry.error().message));
}

} // namespace

Result<std::optional<Reading>> read_forwarded(const Message& message, const Rules& rules) {
    Reading reading;
    reading.kind = Kind::forwarded;
    for (const auto& part : message.parts) {
        if (is_mail(part)) take(reading, part.content, rules);
    }
    if (reading.entries.empty() && reading.no_host.empty()) {
        for (const auto& part : message.parts) {
            if (part.type.name != "text/plain") continue;
            if (const auto header = inline_header(part.content); !header.empty()) take(reading, header, rules);
        }
    }
    if (!reading.entries.empty()) return std::optional{std::move(reading)};
    if (reading.no_host.empty()) return std::optional<Reading>{};
    return Error{Errc::invalid, "of the mail that was forwarded: " + reading.no_host.front()};
}

} // namespace provenbl::tools::intake::mail
