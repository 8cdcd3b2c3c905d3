// The two HTTP requests that we make (RFC 9112 section 3.2), under our own name.
#pragma once

#include "store/address.hpp"

#include <string>
#include <string_view>

namespace provenbl::verifier::wire {

// "CONNECT addr:port HTTP/1.1". `agent` goes into User-Agent.
[[nodiscard]] std::string http_connect(const Endpoint& target, std::string_view agent);
// "GET http://addr:port/path HTTP/1.1": the absolute form, which only a proxy is asked with.
[[nodiscard]] std::string http_get(const Endpoint& target, std::string_view path, std::string_view agent);

} // namespace provenbl::verifier::wire
