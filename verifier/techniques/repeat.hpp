// The commands with which an owner repeats a test himself, with TOKEN where the token goes. Pure.
//
// Nothing that a suspect says stands in them; what comes from us (addresses, host names) needs no quoting in a shell.
#pragma once

#include "store/address.hpp"

#include <string>
#include <string_view>

namespace provenbl::verifier::techniques {

// A tunnel: "printf 'NOOP TOKEN\r\n' | curl ... telnet://target" with curl's option for the proxy.
[[nodiscard]] std::string curl_through(std::string_view proxy_option, const Endpoint& target);
// A request with the absolute URI of `target`; `scheme` is how the proxy is spoken to ("http", "https").
[[nodiscard]] std::string curl_request(std::string_view method, std::string_view scheme, const Endpoint& proxy,
                                       const Endpoint& target);
// A page of the suspect's own web server: "curl -sm 20 'http://proxy/?url=...'".
[[nodiscard]] std::string curl_page(const Endpoint& proxy, std::string_view path);
// Bytes that a client says one after the other, inside TLS.
[[nodiscard]] std::string openssl_steps(const Endpoint& proxy, std::initializer_list<std::string_view> steps);
// Datagrams through an association of SOCKS5, and through a relay of TURN: what no shell tool speaks. Python's own
// modules suffice; the last line that is printed holds the answer.
[[nodiscard]] std::string python_socks5_udp(const Endpoint& proxy, const Endpoint& target);
[[nodiscard]] std::string python_turn(const Endpoint& server, const Endpoint& target, bool udp);
// A tunnel by HTTP/2 (nghttp speaks no CONNECT; curl reaches a proxy by HTTP/2 from 8.1 on).
[[nodiscard]] std::string python_http2_connect(const Endpoint& proxy, const Endpoint& target, bool tls);
// The same as openssl_steps without TLS; `option` is for nc ("-u").
[[nodiscard]] std::string nc_steps(std::string_view option, const Endpoint& proxy,
                                   std::initializer_list<std::string_view> steps);

} // namespace provenbl::verifier::techniques
