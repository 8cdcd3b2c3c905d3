// The commands with which an owner repeats a test himself, with TOKEN where the token goes. Pure.
//
// Nothing that a suspect says stands in them; what comes from us (addresses, host names) needs no quoting in a shell.
#pragma once

#include "store/address.hpp"

#include <string>
#include <string_view>

namespace provenbl::verifier::techniques {

// `target` is host:port, as it is asked for.
// A tunnel: "printf 'NOOP TOKEN\r\n' | curl ... telnet://target" with curl's option for the proxy.
[[nodiscard]] std::string curl_through(std::string_view proxy_option, std::string_view target);
// A request with the absolute URI of `target`; `scheme` is how the proxy is spoken to ("http", "https").
[[nodiscard]] std::string curl_request(std::string_view method, std::string_view scheme, const Endpoint& proxy,
                                       std::string_view target);
// A page of the suspect's own web server: "curl -sm 20 'http://proxy/?url=...'".
[[nodiscard]] std::string curl_page(const Endpoint& proxy, std::string_view path);
// Bytes that a client says one after the other, inside TLS; `option` is for s_client ("-alpn h2").
[[nodiscard]] std::string openssl_steps(const Endpoint& proxy, std::initializer_list<std::string_view> steps,
                                        std::string_view option = {});
// An association of SOCKS5, and a relay of TURN with the permission to send to our sink: what no shell tool speaks.
// Python's own modules suffice, and what is printed shows whether it was granted. No token: its length stands in these
// bytes.
[[nodiscard]] std::string python_associate(const Endpoint& proxy);
[[nodiscard]] std::string python_turn(const Endpoint& server, const Endpoint& target, bool udp);
// The same without TLS; `option` is for nc ("-u").
[[nodiscard]] std::string nc_steps(std::string_view option, const Endpoint& proxy,
                                   std::initializer_list<std::string_view> steps);

} // namespace provenbl::verifier::techniques
