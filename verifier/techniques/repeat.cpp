// Plain tools that every Debian has, and no option beyond what the test needs.
#include "verifier/techniques/repeat.hpp"

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

// ("192.0.2.1",1080) as Python takes it for either family.
std::string python_address(const Endpoint& endpoint) {
    return fmt::format("(\"{}\",{})", endpoint.address.to_string(), endpoint.port);
}

} // namespace

std::string curl_through(std::string_view proxy_option, std::string_view target) {
    return fmt::format("printf 'NOOP TOKEN\\r\\n' | curl -sm 20 {} telnet://{}", proxy_option, target);
}

std::string curl_request(std::string_view method, std::string_view scheme, const Endpoint& proxy,
                         std::string_view target) {
    std::string how;
    if (scheme == "https") how += " --proxy-insecure";
    if (method != "GET") how += fmt::format(" -X {} -d test", method);
    return fmt::format("curl -sm 20{} -x {}://{} http://{}/TOKEN", how, scheme, proxy.to_string(), target);
}

std::string curl_page(const Endpoint& proxy, std::string_view path) {
    return fmt::format("curl -sm 20 'http://{}{}'", proxy.to_string(), path);
}

std::string openssl_steps(const Endpoint& proxy, std::initializer_list<std::string_view> steps,
                          std::string_view option) {
    return fmt::format("{} | openssl s_client -quiet {}{}-connect {}", said_slowly(steps), option,
                       option.empty() ? "" : " ", proxy.to_string());
}

std::string nc_steps(std::string_view option, const Endpoint& proxy, std::initializer_list<std::string_view> steps) {
    return fmt::format("{} | nc {}{}{}", said_slowly(steps), option, option.empty() ? "" : " ", bare(proxy));
}

std::string python_associate(const Endpoint& proxy) {
    return fmt::format("python3 -c 'import socket as s; c=s.create_connection({},9); c.sendall({}); print(c.recv(99)); "
                       "c.sendall({}); print(c.recv(99))'",
                       python_address(proxy), for_python(wire::socks5_greeting()),
                       for_python(wire::socks5_associate(proxy.address.is_v6())));
}

std::string python_turn(const Endpoint& server, const Endpoint& target, bool udp) {
    const auto id = [](std::uint8_t step) {
        return wire::StunId{'p', 'r', 'o', 'v', 'e', 'n', 'b', 'l', 0, 0, 0, step};
    };
    return fmt::format("python3 -c 'import socket as s; c=s.socket(s.{},s.{}); c.settimeout(5); c.connect({}); "
                       "[(c.send(m),print(c.recv(999))) for m in ({},{})]'",
                       server.address.is_v6() ? "AF_INET6" : "AF_INET", udp ? "SOCK_DGRAM" : "SOCK_STREAM",
                       python_address(server),
                       for_python(wire::turn_allocate(id(1), target.address.is_v6(), "provenbl, by hand")),
                       for_python(wire::turn_permission(id(2), target)));
}

} // namespace provenbl::verifier::techniques
