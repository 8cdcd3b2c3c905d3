// The HTTP requests that we make (RFC 9112 section 3.2), under our own name.
#pragma once

#include "store/address.hpp"

#include <string>
#include <string_view>

namespace provenbl::verifier::wire {

// `target` is "host:port", the host an address or a name; `agent` goes into User-Agent.
// "CONNECT host:port HTTP/1.1".
[[nodiscard]] std::string http_connect(std::string_view target, std::string_view agent);
// "GET http://host:port/path HTTP/1.1": the absolute form, which only a proxy is asked with.
[[nodiscard]] std::string http_get(std::string_view target, std::string_view path, std::string_view agent);

// The same with a body, for POST and PUT. `path` may be empty.
[[nodiscard]] std::string http_send(std::string_view method, std::string_view target, std::string_view path,
                                    std::string_view agent, std::string_view body);
// "GET /path HTTP/1.1": a page of the server itself.
[[nodiscard]] std::string http_page(const Endpoint& server, std::string_view path, std::string_view agent);

} // namespace provenbl::verifier::wire
