// The parser keeps one unfinished line and the lines before it, so a byte is looked at once, however the
// bytes are cut.
#include "verifier/wire/smtp_reply.hpp"

#include "store/ascii.hpp"
#include "verifier/wire/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace provenbl::verifier::wire {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view first_word(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    text.remove_prefix(begin);
    return text.substr(0, text.find_first_of(" \t"));
}

// Can these bytes be the beginning of a reply line?
bool plausible(std::string_view begin) {
    for (std::size_t i = 0; i < begin.size() && i < 4; ++i) {
        const char c = begin[i];
        if (i == 0 && (c < '2' || c > '5')) return false;
        if (i > 0 && i < 3 && !is_digit(c)) return false;
        if (i == 3 && c != ' ' && c != '-' && c != '\r' && c != '\n') return false;
    }
    return true;
}

Error not_smtp(std::string_view bytes) {
    return {Errc::protocol, fmt::format("not an SMTP reply: \"{}\"", printable(bytes, 60))};
}

} // namespace

std::string SmtpReply::quote() const {
    std::string text = std::to_string(code);
    for (const auto& line : lines) {
        if (text.size() > 200) break;
        text += ' ';
        text += line;
    }
    return printable(text);
}

Result<std::optional<SmtpReply>> SmtpReplyParser::feed(std::string& buffer) {
    std::size_t used = 0;
    while (used < buffer.size()) {
        const auto end = buffer.find('\n', used);
        const auto stop = end == std::string::npos ? buffer.size() : end;
        if (line_.size() + (stop - used) > line_limit)
            return Error{Errc::limit, fmt::format("an SMTP reply line of more than {} bytes", line_limit)};
        line_.append(buffer, used, stop - used);
        used = stop;
        if (!plausible(line_)) return not_smtp(line_);
        if (end == std::string::npos) break;
        ++used;
        if (line_.ends_with('\r')) line_.pop_back();
        const auto last = take_line(line_);
        if (!last) return last.error();
        line_.clear();
        if (*last) {
            buffer.erase(0, used);
            return std::optional{std::exchange(reply_, {})};
        }
    }
    buffer.clear();
    return std::optional<SmtpReply>{};
}

Result<bool> SmtpReplyParser::take_line(std::string_view line) {
    if (line.size() < 3 || !plausible(line)) return not_smtp(line);
    if (reply_.lines.size() == max_lines)
        return Error{Errc::limit, fmt::format("an SMTP reply of more than {} lines", max_lines)};
    reply_.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    reply_.lines.emplace_back(line.size() > 4 ? line.substr(4) : std::string_view{});
    return line.size() == 3 || line[3] != '-';
}

bool offers(const SmtpReply& ehlo, std::string_view keyword) {
    const auto wanted = lower(keyword);
    // The first line is the greeting.
    return std::any_of(ehlo.lines.begin() + (ehlo.lines.empty() ? 0 : 1), ehlo.lines.end(),
                       [&](const std::string& line) { return lower(first_word(line)) == wanted; });
}

std::optional<std::string> server_name(const SmtpReply& reply) {
    if (reply.lines.empty()) return std::nullopt;
    auto name = lower(first_word(reply.lines.front()));
    if (name.ends_with('.')) name.pop_back();
    if (name.size() < 4 || name.size() > 200) return std::nullopt;
    bool letter = false;
    std::size_t label = 0;
    std::size_t labels = 1;
    for (const char c : name) {
        if (c == '.') {
            if (label == 0) return std::nullopt;
            label = 0;
            ++labels;
            continue;
        }
        if (!is_digit(c) && !(c >= 'a' && c <= 'z') && c != '-') return std::nullopt;
        letter = letter || (c >= 'a' && c <= 'z');
        if (++label > 63) return std::nullopt;
    }
    if (label == 0 || labels < 2 || !letter) return std::nullopt;
    return name;
}

bool complains_of_rate(const SmtpReply& reply) {
    static constexpr std::array<std::string_view, 6> complaints{"too many",   "too fast",  "too much",
                                                                "rate limit", "slow down", "throttl"};
    if (reply.kind() != 4) return false;
    return std::any_of(reply.lines.begin(), reply.lines.end(), [](const std::string& line) {
        const auto text = lower(line);
        return std::any_of(complaints.begin(), complaints.end(),
                           [&](auto complaint) { return text.find(complaint) != std::string::npos; });
    });
}

} // namespace provenbl::verifier::wire
