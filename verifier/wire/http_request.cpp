// No credentials, no cookies, and nothing is kept alive: one question, one answer.
#include "verifier/wire/http_request.hpp"

#include <fmt/format.h>

namespace provenbl::verifier::wire {

std::string http_connect(std::string_view target, std::string_view agent) {
    return fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nUser-Agent: {1}\r\n\r\n", target, agent);
}

std::string http_get(std::string_view target, std::string_view path, std::string_view agent) {
    return fmt::format("GET http://{0}/{1} HTTP/1.1\r\nHost: {0}\r\nUser-Agent: {2}\r\nConnection: close\r\n\r\n",
                       target, path, agent);
}

std::string http_send(std::string_view method, std::string_view target, std::string_view path, std::string_view agent,
                      std::string_view body) {
    return fmt::format("{0} http://{1}/{2} HTTP/1.1\r\nHost: {1}\r\nUser-Agent: {3}\r\nContent-Type: text/plain\r\n"
                       "Content-Length: {4}\r\nConnection: close\r\n\r\n{5}",
                       method, target, path, agent, body.size(), body);
}

std::string http_page(const Endpoint& server, std::string_view path, std::string_view agent) {
    return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\nConnection: close\r\n\r\n", path,
                       server.to_string(), agent);
}

} // namespace provenbl::verifier::wire
