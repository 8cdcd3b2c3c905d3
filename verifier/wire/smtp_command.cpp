// The sink's SMTP input as bytes: see the header for what is promised.
#include "verifier/wire/smtp_command.hpp"

#include <algorithm>
#include <array>

namespace provenbl::verifier::wire {
namespace {

constexpr std::size_t max_local_part = 64; // RFC 5321 4.5.3.1
constexpr std::size_t max_domain = 255;
constexpr std::size_t max_parameters = 16;

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

Error invalid(const char* what) {
    return Error{Errc::invalid, what};
}

bool is_visible(char c) {
    return c > ' ' && c < 0x7f;
}

// The length of a quoted string at the front of `text`, with its quotes; 0 when it does not end.
std::size_t quoted_length(std::string_view text) {
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == '"') return at + 1;
        if (text[at] == '\\') ++at;
    }
    return 0;
}

// The mailbox at the front of `text`, up to the '>' (which is taken too).
Result<> take_mailbox(std::string_view& text, SmtpPath& path) {
    std::size_t local = 0;
    if (text.starts_with('"')) {
        local = quoted_length(text);
        if (local == 0) return invalid("the quoted string does not end");
    } else {
        while (local < text.size() && is_visible(text[local]) &&
               std::string_view{"@<>\""}.find(text[local]) == text.npos)
            ++local;
    }
    if (local == 0) return invalid("the address has no local part");
    if (local > max_local_part) return invalid("the local part is longer than 64 characters");
    path.local_part = std::string(text.substr(0, local));
    text.remove_prefix(local);
    if (text.starts_with('@')) {
        text.remove_prefix(1);
        std::size_t length = 0;
        while (length < text.size() && is_visible(text[length]) &&
               std::string_view{"@<>\""}.find(text[length]) == text.npos)
            ++length;
        if (length == 0 || length > max_domain) return invalid("the domain is empty or longer than 255 characters");
        path.domain = std::string(text.substr(0, length));
        text.remove_prefix(length);
    }
    if (!text.starts_with('>')) return invalid("the address does not end with '>'");
    text.remove_prefix(1);
    return {};
}

Result<> take_parameters(std::string_view text, SmtpPath& path) {
    while (!(text = trim(text)).empty()) {
        if (path.parameters.size() == max_parameters) return invalid("too many parameters");
        const auto end = std::min(text.find_first_of(" \t"), text.size());
        const auto word = text.substr(0, end);
        const auto equals = std::min(word.find('='), word.size());
        std::string name(word.substr(0, equals));
        std::transform(name.begin(), name.end(), name.begin(), upper);
        const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        });
        if (name.empty() || !plain) return invalid("a parameter's name is malformed");
        path.parameters.emplace_back(std::move(name), equals < word.size() ? word.substr(equals + 1) : "");
        text.remove_prefix(end);
    }
    return {};
}

} // namespace

bool equal_folded(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return upper(x) == upper(y); });
}

SmtpCommand parse_smtp_command(std::string_view line) {
    struct Name {
        std::string_view text;
        SmtpVerb verb;
    };
    static constexpr std::array names{
        Name{"HELO", SmtpVerb::helo}, Name{"EHLO", SmtpVerb::ehlo}, Name{"MAIL", SmtpVerb::mail},
        Name{"RCPT", SmtpVerb::rcpt}, Name{"DATA", SmtpVerb::data}, Name{"RSET", SmtpVerb::rset},
        Name{"NOOP", SmtpVerb::noop}, Name{"QUIT", SmtpVerb::quit}, Name{"VRFY", SmtpVerb::vrfy},
        Name{"EXPN", SmtpVerb::expn}, Name{"HELP", SmtpVerb::help},
    };
    line = trim(line);
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    for (const auto& name : names)
        if (equal_folded(line.substr(0, end), name.text)) return {name.verb, trim(line.substr(end))};
    return {SmtpVerb::unknown, line};
}

std::string SmtpPath::to_string() const {
    if (domain.empty()) return local_part;
    return local_part + '@' + domain;
}

Result<SmtpPath> parse_smtp_path(std::string_view argument, std::string_view keyword) {
    if (argument.size() <= keyword.size() || !equal_folded(argument.substr(0, keyword.size()), keyword) ||
        argument[keyword.size()] != ':')
        return Error{Errc::invalid, "expected " + std::string(keyword) + ":<address>"};
    argument.remove_prefix(keyword.size() + 1);
    argument = trim(argument); // a blank after the colon is wrong and common
    if (!argument.starts_with('<')) return invalid("the address does not begin with '<'");
    argument.remove_prefix(1);

    SmtpPath path;
    if (argument.starts_with('>')) {
        path.null = true;
        argument.remove_prefix(1);
    } else {
        if (argument.starts_with('@')) { // RFC 5321 appendix C: read, so that it can be refused by name
            const auto colon = argument.find(':');
            if (colon == argument.npos) return invalid("the source route does not end with ':'");
            path.routed = true;
            argument.remove_prefix(colon + 1);
        }
        if (auto taken = take_mailbox(argument, path); !taken) return taken.error();
    }
    if (!argument.empty() && !is_blank(argument.front())) return invalid("unexpected characters after the address");
    if (auto taken = take_parameters(argument, path); !taken) return taken.error();
    return path;
}

std::optional<std::string> SmtpLineReader::take(std::string_view& input) {
    if (complete_) {
        line_.clear();
        overlong_ = false;
        complete_ = false;
    }
    const auto end = input.find('\n');
    const auto part = input.substr(0, end);
    const auto room = limit_ - std::min(limit_, line_.size());
    line_.append(part.substr(0, room));
    overlong_ = overlong_ || part.size() > room;
    if (end == input.npos) {
        input = {};
        return std::nullopt;
    }
    input.remove_prefix(end + 1);
    complete_ = true;
    if (line_.ends_with('\r')) line_.pop_back();
    return line_;
}

void SmtpDataReader::keep(char c) {
    if (++size_ <= limit_) message_.push_back(c);
}

bool SmtpDataReader::take(std::string_view& input) {
    while (!input.empty()) {
        const char c = input.front();
        input.remove_prefix(1);
        switch (state_) {
        case State::line_start:
            if (c == '.') {
                state_ = State::dot; // stuffed, or the end
                continue;
            }
            break;
        case State::dot:
            if (c == '\r') {
                state_ = State::dot_cr;
                continue;
            }
            break; // the first dot was stuffing: dropped
        case State::dot_cr:
            if (c == '\n') return true;
            keep('\r'); // "." CR something: an odd line, but text
            break;
        case State::text_cr:
            if (c == '\n') {
                keep(c);
                state_ = State::line_start;
                continue;
            }
            break;
        case State::text:
            break;
        }
        keep(c);
        state_ = c == '\r' ? State::text_cr : State::text;
    }
    return false;
}

} // namespace provenbl::verifier::wire
