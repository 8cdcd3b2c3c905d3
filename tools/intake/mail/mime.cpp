#include "tools/intake/mail/mime.hpp"

#include "store/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace provenbl::tools::intake::mail {
namespace {

constexpr std::size_t longest_boundary = 70; // RFC 2046 5.1.1
constexpr std::size_t most_parameters = 32;

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// RFC 5322 2.2: printable US-ASCII without the colon.
bool is_field_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c > 32 && c < 127; });
}

void skip_blanks(std::string_view& text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

// A comment in parentheses, which may hold others.
void skip_comment(std::string_view& text) {
    std::size_t depth = 0;
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (c == '\\' && !text.empty()) text.remove_prefix(1);
        if (c == '(') ++depth;
        if (c == ')' && --depth == 0) return;
    }
}

std::string take_quoted(std::string_view& text) {
    std::string value;
    text.remove_prefix(1);
    while (!text.empty() && text.front() != '"') {
        if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
        value += text.front();
        text.remove_prefix(1);
    }
    if (!text.empty()) text.remove_prefix(1);
    return value;
}

std::string_view take_token(std::string_view& text, std::string_view ends) {
    const auto end = std::min(text.find_first_of(ends), text.size());
    const auto token = text.substr(0, end);
    text.remove_prefix(end);
    return token;
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

std::string decoded(std::string_view text, std::string_view encoding) {
    const auto name = lower(trimmed(encoding));
    if (name == "base64") return decode_base64(text);
    if (name == "quoted-printable") return decode_quoted_printable(text);
    return std::string{text};
}

// Takes parts off a multipart's body (RFC 2046 5.1.1).
class Splitter {
public:
    Splitter(std::string_view body, std::string_view boundary) : rest_(body), boundary_(boundary) { (void)next(); }

    // Up to the next delimiter line; nothing when the last one was seen, or the text has ended.
    std::optional<std::string_view> next() {
        if (closed_) return std::nullopt;
        const auto begin = rest_;
        for (;;) {
            if (rest_.empty()) {
                closed_ = true;
                return begin;
            }
            const auto at = static_cast<std::size_t>(rest_.data() - begin.data());
            const auto line = take_line(rest_);
            if (!is_delimiter(line)) continue;
            // The line end before it belongs to it.
            auto part = begin.substr(0, at);
            if (part.ends_with('\n')) part.remove_suffix(1);
            if (part.ends_with('\r')) part.remove_suffix(1);
            return part;
        }
    }

private:
    bool is_delimiter(std::string_view line) {
        if (!line.starts_with("--") || line.substr(2, boundary_.size()) != boundary_) return false;
        line.remove_prefix(2 + boundary_.size());
        const bool last = line.starts_with("--");
        if (last) line.remove_prefix(2);
        if (!trimmed(line).empty()) return false;
        closed_ = last;
        return true;
    }

    std::string_view rest_;
    std::string_view boundary_;
    bool closed_ = false;
};

class Anatomist {
public:
    Anatomist(std::vector<Part>& parts, const Limits& limits) : parts_(parts), limits_(limits) {}

    Result<> take(const Header& header, std::string_view body, std::string_view without_type, std::size_t depth) {
        if (++count_ > limits_.parts) return Error{Errc::limit, fmt::format("has more than {} parts", limits_.parts)};
        const auto given = header.first("content-type");
        auto type = given.empty() ? ContentType{std::string{without_type}, {}} : parse_content_type(given);
        const auto boundary = type.parameter("boundary");
        if (type.name.starts_with("multipart/") && !boundary.empty() && boundary.size() <= longest_boundary)
            return split(body, boundary, type.name == "multipart/digest" ? "message/rfc822" : "text/plain", depth);
        Part part;
        part.header = header;
        part.attached = lower(header.first("content-disposition")).starts_with("attachment");
        part.content = decoded(body, header.first("content-transfer-encoding"));
        part.type = std::move(type);
        parts_.push_back(std::move(part));
        return {};
    }

private:
    Result<> split(std::string_view body, std::string_view boundary, std::string_view without_type, std::size_t depth) {
        if (depth >= limits_.depth)
            return Error{Errc::limit, fmt::format("has parts within parts, deeper than {}", limits_.depth)};
        Splitter splitter{body, boundary};
        while (auto piece = splitter.next()) {
            const auto header = take_header(*piece, limits_);
            if (!header) return header.error();
            if (auto taken = take(*header, *piece, without_type, depth + 1); !taken) return taken;
        }
        return {};
    }

    std::vector<Part>& parts_;
    const Limits& limits_;
    std::size_t count_ = 0;
};

} // namespace

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    const auto begin = text.find_first_not_of(space);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string_view Header::first(std::string_view name) const {
    for (const auto& [key, value] : fields_) {
        if (key == name) return value;
    }
    return {};
}

Result<Header> take_header(std::string_view& text, const Limits& limits) {
    Header header;
    if (text.starts_with("From ")) (void)take_line(text);
    while (!text.empty()) {
        auto rest = text;
        const auto line = take_line(rest);
        if (line.empty()) {
            text = rest;
            break;
        }
        if (is_blank(line.front())) {
            if (header.fields_.empty()) break; // of nothing
            auto& value = header.fields_.back().second;
            value += ' ';
            value += trimmed(line);
            if (value.size() > limits.field)
                return Error{Errc::limit, fmt::format("has a header field longer than {} bytes", limits.field)};
        } else {
            const auto colon = line.find(':');
            const auto name = trimmed(line.substr(0, colon));
            if (colon == std::string_view::npos || !is_field_name(name)) break; // the body begins without a word
            if (header.fields_.size() >= limits.fields)
                return Error{Errc::limit, fmt::format("has more than {} header fields", limits.fields)};
            if (line.size() > limits.field)
                return Error{Errc::limit, fmt::format("has a header field longer than {} bytes", limits.field)};
            header.fields_.emplace_back(lower(name), trimmed(line.substr(colon + 1)));
        }
        text = rest;
    }
    return header;
}

std::string_view ContentType::parameter(std::string_view wanted) const {
    for (const auto& [key, value] : parameters) {
        if (key == wanted) return value;
    }
    return {};
}

ContentType parse_content_type(std::string_view value) {
    ContentType type;
    type.name = lower(trimmed(take_token(value, ";(")));
    const auto slash = type.name.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == type.name.size()) return {"text/plain", {}};
    while (!value.empty() && type.parameters.size() < most_parameters) {
        skip_blanks(value);
        if (value.starts_with('(')) {
            skip_comment(value);
            continue;
        }
        if (!value.starts_with(';')) {
            (void)take_token(value, ";(");
            continue;
        }
        value.remove_prefix(1);
        skip_blanks(value);
        const auto name = trimmed(take_token(value, "=;("));
        if (!value.starts_with('=')) continue;
        value.remove_prefix(1);
        skip_blanks(value);
        auto text = value.starts_with('"') ? take_quoted(value) : std::string{trimmed(take_token(value, ";("))};
        type.parameters.emplace_back(lower(name), std::move(text));
    }
    return type;
}

std::string decode_base64(std::string_view text) {
    std::string made;
    made.reserve(text.size() / 4 * 3);
    std::uint32_t window = 0;
    unsigned bits = 0;
    for (const char c : text) {
        std::uint32_t value = 0;
        if (c >= 'A' && c <= 'Z')
            value = static_cast<std::uint32_t>(c - 'A');
        else if (c >= 'a' && c <= 'z')
            value = static_cast<std::uint32_t>(c - 'a' + 26);
        else if (c >= '0' && c <= '9')
            value = static_cast<std::uint32_t>(c - '0' + 52);
        else if (c == '+')
            value = 62;
        else if (c == '/')
            value = 63;
        else if (c == '=')
            break;
        else
            continue;
        window = (window << 6U | value) & 0xffffffU;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        made += static_cast<char>(window >> bits & 0xffU);
    }
    return made;
}

std::string decode_quoted_printable(std::string_view text) {
    std::string made;
    made.reserve(text.size());
    while (!text.empty()) {
        const bool ended = text.find('\n') != std::string_view::npos;
        auto line = take_line(text);
        while (!line.empty() && is_blank(line.back())) line.remove_suffix(1); // added on the way
        const bool soft = line.ends_with('=');
        if (soft) line.remove_suffix(1);
        for (std::size_t i = 0; i < line.size(); ++i) {
            const int high = line[i] == '=' && i + 2 < line.size() ? digit_of(line[i + 1]) : -1;
            const int low = high >= 0 ? digit_of(line[i + 2]) : -1;
            if (low < 0) {
                made += line[i];
                continue;
            }
            made += static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (!soft && ended) made += '\n';
    }
    return made;
}

Result<Message> take_apart(std::string_view text, const Limits& limits) {
    Message message;
    auto header = take_header(text, limits);
    if (!header) return header.error();
    message.header = std::move(*header);
    message.type = parse_content_type(message.header.first("content-type"));
    Anatomist anatomist{message.parts, limits};
    if (auto taken = anatomist.take(message.header, text, "text/plain", 0); !taken) return taken.error();
    return message;
}

} // namespace provenbl::tools::intake::mail
