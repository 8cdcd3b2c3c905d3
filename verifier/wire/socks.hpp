// SOCKS4, SOCKS4a and SOCKS5 (RFC 1928) as a client speaks them: requests out, replies in.
//
// Pure: a reply is parsed from the front of a buffer, which it leaves as soon as it is complete; nothing
// when more bytes are needed. Wrong bytes are Errc::protocol as soon as they are seen. A refusal is
// complete with the byte that says so: some servers send no more.
#pragma once

#include "store/address.hpp"
#include "store/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace provenbl::verifier::wire {

// CONNECT to an IPv4 endpoint, with an empty user name (we never claim to be anybody).
[[nodiscard]] std::string socks4_connect(const Endpoint& target);
// SOCKS4a: the server is given the address as a name and resolves it itself.
[[nodiscard]] std::string socks4a_connect(std::string_view host, std::uint16_t port);

struct Socks4Reply {
    std::uint8_t code = 0; // 0x5a: granted
    [[nodiscard]] bool granted() const { return code == 0x5a; }
    [[nodiscard]] std::string meaning() const; // "0x5b, request rejected or failed"
};
Result<std::optional<Socks4Reply>> parse_socks4_reply(std::string& buffer);

// The greeting that offers one method: no authentication.
[[nodiscard]] std::string socks5_greeting();
[[nodiscard]] std::string socks5_connect(const Endpoint& target); // IPv4 or IPv6
// The address as a name (type 3): some servers judge names by other rules, and resolve it themselves.
[[nodiscard]] std::string socks5_connect_by_name(std::string_view host, std::uint16_t port);

struct Socks5Method {
    std::uint8_t method = 0xff;
    [[nodiscard]] bool none_needed() const { return method == 0x00; }
    [[nodiscard]] std::string meaning() const;
};
Result<std::optional<Socks5Method>> parse_socks5_method(std::string& buffer);

// UDP ASSOCIATE (section 4). We name no address that we send from: proxies see it themselves.
[[nodiscard]] std::string socks5_associate(bool ipv6);

struct Socks5Reply {
    std::uint8_t code = 1; // 0: granted
    // BND.ADDR and BND.PORT of a grant; no address where the proxy gave a name or none (all zeros).
    std::optional<Address> bound{};
    std::uint16_t bound_port = 0;
    [[nodiscard]] bool granted() const { return code == 0; }
    [[nodiscard]] std::string meaning() const; // RFC 1928 section 6
};
Result<std::optional<Socks5Reply>> parse_socks5_reply(std::string& buffer);

// What goes through an association, in its wrapping (section 7); and what is in one that came. Fragments are not taken,
// as most do (FRAG other than 0): Errc::protocol, like whatever is no such datagram.
[[nodiscard]] std::string socks5_datagram(const Endpoint& target, std::string_view payload);
[[nodiscard]] Result<std::string_view> parse_socks5_datagram(std::string_view datagram);

} // namespace provenbl::verifier::wire
