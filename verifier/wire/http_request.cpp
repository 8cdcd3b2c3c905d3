// No credentials, no cookies, and nothing is kept alive: one question, one answer.
#include "verifier/wire/http_request.hpp"

#include <fmt/format.h>

namespace provenbl::verifier::wire {

std::string http_connect(const Endpoint& target, std::string_view agent) {
    return fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nUser-Agent: {1}\r\n\r\n", target.to_string(), agent);
}

std::string http_get(const Endpoint& target, std::string_view path, std::string_view agent) {
    return fmt::format("GET http://{0}/{1} HTTP/1.1\r\nHost: {0}\r\nUser-Agent: {2}\r\nConnection: close\r\n\r\n",
                       target.to_string(), path, agent);
}

} // namespace provenbl::verifier::wire
