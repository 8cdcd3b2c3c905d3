// The head is split only once it is whole, so nothing is kept between calls but where the search stopped.
#include "verifier/wire/http_reply.hpp"

#include "store/ascii.hpp"
#include "verifier/wire/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace provenbl::verifier::wire {
namespace {

constexpr std::string_view magic = "HTTP/";

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return trim(line);
}

// "HTTP/1.1 200 OK"
std::optional<int> status_of(std::string_view line) {
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    const auto digits = trim(line.substr(blank));
    int status = 0;
    if (digits.size() < 3) return std::nullopt;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + 3, status);
    if (error != std::errc{} || end != digits.data() + 3 || status < 100) return std::nullopt;
    if (digits.size() > 3 && digits[3] != ' ') return std::nullopt;
    return status;
}

// Behind the empty line that ends the head, or npos.
std::size_t end_of_head(std::string_view buffer, std::size_t from) {
    for (auto at = buffer.find('\n', from); at != std::string_view::npos; at = buffer.find('\n', at + 1)) {
        if (buffer.substr(at + 1, 1) == "\n") return at + 2;
        if (buffer.substr(at + 1, 2) == "\r\n") return at + 3;
    }
    return std::string_view::npos;
}

} // namespace

std::string_view HttpHead::find(std::string_view name) const {
    const auto found =
        std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; });
    return found == fields.end() ? std::string_view{} : std::string_view{found->second};
}

std::string HttpHead::quote() const {
    return printable(status_line);
}

Result<std::optional<HttpHead>> parse_http_head(std::string& buffer, std::size_t& searched) {
    const auto compare = std::min(buffer.size(), magic.size());
    if (std::string_view(buffer).substr(0, compare) != magic.substr(0, compare))
        return Error{Errc::protocol, fmt::format("not an HTTP response: \"{}\"", printable(buffer, 60))};
    const auto end = end_of_head(buffer, searched);
    if (end == std::string_view::npos ? buffer.size() >= http_head_limit : end > http_head_limit)
        return Error{Errc::limit, fmt::format("an HTTP head of more than {} bytes", http_head_limit)};
    if (end == std::string_view::npos) {
        searched = buffer.size() < 2 ? 0 : buffer.size() - 2; // the end may have begun
        return std::optional<HttpHead>{};
    }
    HttpHead head;
    std::string_view rest(buffer.data(), end);
    head.status_line = take_line(rest);
    const auto status = status_of(head.status_line);
    if (!status)
        return Error{Errc::protocol, fmt::format("not an HTTP status line: \"{}\"", printable(head.status_line, 60))};
    head.status = *status;
    while (!rest.empty()) {
        const auto line = take_line(rest);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        head.fields.emplace_back(lower(trim(line.substr(0, colon))), trim(line.substr(colon + 1)));
    }
    buffer.erase(0, end);
    searched = 0;
    return std::optional{std::move(head)};
}

bool body_complete(const HttpHead& head, std::string_view body) {
    if (head.status == 204 || head.status == 304) return true;
    if (lower(head.find("transfer-encoding")).find("chunked") != std::string::npos)
        return body == "0\r\n\r\n" || body.ends_with("\r\n0\r\n\r\n"); // looks at the end only: called after each read
    const auto text = head.find("content-length");
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    return !text.empty() && error == std::errc{} && end == text.data() + text.size() && body.size() >= length;
}

} // namespace provenbl::verifier::wire
