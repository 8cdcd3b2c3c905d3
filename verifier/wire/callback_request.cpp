// The least of HTTP/1.1 that a sink needs: where a request head ends, and a response that ends by itself.
#include "verifier/wire/callback_request.hpp"

#include <fmt/format.h>

namespace provenbl::verifier::wire {

CallbackForm callback_form(std::string_view said) {
    const auto end = said.find('\n');
    if (end == said.npos) return CallbackForm::incomplete;
    auto line = said.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto version = line.rfind(' ');
    if (version == line.npos || !line.substr(version + 1).starts_with("HTTP/1.")) return CallbackForm::line;
    const bool whole = said.find("\r\n\r\n") != said.npos || said.find("\n\n") != said.npos;
    return whole ? CallbackForm::http : CallbackForm::incomplete;
}

std::string http_answer(std::string_view status, std::string_view body, bool head_only) {
    return fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
                       "Connection: close\r\n\r\n{}{}",
                       status, body.size() + 1, head_only ? "" : body, head_only ? "" : "\n");
}

bool is_head_request(std::string_view said) {
    return said.starts_with("HEAD ");
}

std::string_view datagram_token(std::string_view datagram, std::size_t size) {
    static constexpr std::string_view word = "NOOP ";
    if (datagram.starts_with(word)) datagram.remove_prefix(word.size());
    while (datagram.ends_with('\n') || datagram.ends_with('\r')) datagram.remove_suffix(1);
    return datagram.size() == size ? datagram : std::string_view{};
}

} // namespace provenbl::verifier::wire
