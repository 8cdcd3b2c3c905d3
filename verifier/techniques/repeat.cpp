// Plain tools that every Debian has, and no option beyond what the test needs.
#include "verifier/techniques/repeat.hpp"

#include "verifier/wire/http2_tunnel.hpp"
#include "verifier/wire/socks.hpp"
#include "verifier/wire/stun.hpp"

#include <fmt/format.h>

namespace provenbl::verifier::techniques {
namespace {

// For printf in a shell's single quotes: octal, because dash knows no \x.
std::string for_printf(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\r') {
            text += "\\r";
        } else if (c == '\n') {
            text += "\\n";
        } else if (c == '\\') {
            text += "\\\\";
        } else if (c == '%') {
            text += "%%";
        } else if (byte < 0x20 || byte >= 0x7f || c == '\'') {
            fmt::format_to(std::back_inserter(text), "\\{:03o}", byte);
        } else {
            text += c;
        }
    }
    return text;
}

// Each step waits for the answer to the one before; the last one for the proof.
std::string said_slowly(std::initializer_list<std::string_view> steps) {
    std::string text = "(";
    std::size_t left = steps.size();
    for (const auto step : steps) {
        --left;
        text += fmt::format("printf '{}'; sleep {}{}", for_printf(step), left == 0 ? 5 : 1, left == 0 ? "" : "; ");
    }
    return text + ")";
}

// curl and openssl want an IPv6 address in brackets, nc does not.
std::string bare(const Endpoint& proxy) {
    return fmt::format("{} {}", proxy.address.to_string(), proxy.port);
}

// A bytes literal of Python that stands in a shell's single quotes.
std::string for_python(std::string_view bytes) {
    std::string text = "b\"";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte >= 0x7f || c == '\'' || c == '"' || c == '\\')
            fmt::format_to(std::back_inserter(text), "\\x{:02x}", byte);
        else
            text += c;
    }
    return text + "\"";
}

// Lengths are in the bytes, so a token of the right length stands where TOKEN is said.
const std::string sample_token(40, '~');

std::string with_placeholder(std::string text) {
    if (const auto at = text.find(sample_token); at != std::string::npos)
        text.replace(at, sample_token.size(), "TOKEN");
    return text;
}

std::string said_token() {
    return "NOOP " + sample_token + "\r\n";
}

// ("192.0.2.1",1080) as Python takes it for either family.
std::string python_address(const Endpoint& endpoint) {
    return fmt::format("(\"{}\",{})", endpoint.address.to_string(), endpoint.port);
}

} // namespace

std::string curl_through(std::string_view proxy_option, const Endpoint& target) {
    return fmt::format("printf 'NOOP TOKEN\\r\\n' | curl -sm 20 {} telnet://{}", proxy_option, target.to_string());
}

std::string curl_request(std::string_view method, std::string_view scheme, const Endpoint& proxy,
                         const Endpoint& target) {
    std::string how;
    if (scheme == "https") how += " --proxy-insecure";
    if (method != "GET") how += fmt::format(" -X {} -d test", method);
    return fmt::format("curl -sm 20{} -x {}://{} http://{}/TOKEN", how, scheme, proxy.to_string(), target.to_string());
}

std::string curl_page(const Endpoint& proxy, std::string_view path) {
    return fmt::format("curl -sm 20 'http://{}{}'", proxy.to_string(), path);
}

std::string openssl_steps(const Endpoint& proxy, std::initializer_list<std::string_view> steps) {
    return fmt::format("{} | openssl s_client -quiet -connect {}", said_slowly(steps), proxy.to_string());
}

std::string nc_steps(std::string_view option, const Endpoint& proxy, std::initializer_list<std::string_view> steps) {
    return fmt::format("{} | nc {}{}{}", said_slowly(steps), option, option.empty() ? "" : " ", bare(proxy));
}

std::string python_socks5_udp(const Endpoint& proxy, const Endpoint& target) {
    const bool v6 = proxy.address.is_v6();
    return with_placeholder(fmt::format(
        "python3 -c 'import socket as s; c=s.create_connection({0},9); c.sendall({1}); c.recv(2); c.sendall({2}); "
        "r=c.recv(99); u=s.socket(s.{3},s.SOCK_DGRAM); u.settimeout(5); "
        "u.sendto({4},(\"{5}\",int.from_bytes(r[-2:],\"big\"))); print(u.recv(999))'",
        python_address(proxy), for_python(wire::socks5_greeting()), for_python(wire::socks5_associate(v6)),
        v6 ? "AF_INET6" : "AF_INET", for_python(wire::socks5_datagram(target, said_token())),
        proxy.address.to_string()));
}

std::string python_turn(const Endpoint& server, const Endpoint& target, bool udp) {
    const auto id = [](std::uint8_t step) {
        return wire::StunId{'p', 'r', 'o', 'v', 'e', 'n', 'b', 'l', 0, 0, 0, step};
    };
    return with_placeholder(fmt::format(
        "python3 -c 'import socket as s; c=s.socket(s.{0},s.{1}); c.settimeout(5); c.connect({2}); "
        "[(c.send(m),print(c.recv(999))) for m in ({3},{4},{5})]'",
        server.address.is_v6() ? "AF_INET6" : "AF_INET", udp ? "SOCK_DGRAM" : "SOCK_STREAM", python_address(server),
        for_python(wire::turn_allocate(id(1), target.address.is_v6(), "provenbl, by hand")),
        for_python(wire::turn_permission(id(2), target)), for_python(wire::turn_send(id(3), target, said_token()))));
}

std::string python_http2_connect(const Endpoint& proxy, const Endpoint& target, bool tls) {
    // What we say first, and the token in a DATA frame (RFC 9113 section 6.1) on the stream that it opens.
    wire::Http2Tunnel tunnel(target, "provenbl, by hand");
    const std::string opening = tunnel.say();
    tunnel.send(said_token());
    return with_placeholder(fmt::format(
        "python3 -c 'import socket as s,ssl,time; c=s.create_connection({0},9); {1}c.sendall({2}); time.sleep(2); "
        "c.sendall({3}); time.sleep(2); print(c.recv(9999))'",
        python_address(proxy),
        tls ? "x=ssl._create_unverified_context(); x.set_alpn_protocols([\"h2\"]); c=x.wrap_socket(c); " : "",
        for_python(opening), for_python(tunnel.say())));
}

} // namespace provenbl::verifier::techniques
