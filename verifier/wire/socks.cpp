// Byte layouts stand beside the code that makes or reads them.
#include "verifier/wire/socks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace provenbl::verifier::wire {
namespace {

void append_port(std::string& out, std::uint16_t port) {
    out += static_cast<char>(port >> 8);
    out += static_cast<char>(port & 0xff);
}

void append_address(std::string& out, const Address& address) {
    for (const auto byte : address.bytes()) out += static_cast<char>(byte);
}

std::uint8_t byte_at(const std::string& buffer, std::size_t i) {
    return static_cast<std::uint8_t>(buffer[i]);
}

// Of 4 or 16 bytes; all zeros, or a name, are none.
std::optional<Address> address_at(const std::string& buffer, std::size_t at, std::size_t size) {
    if (size != 4 && size != 16) return std::nullopt;
    std::array<std::uint8_t, 16> bytes{};
    std::copy_n(buffer.begin() + static_cast<std::ptrdiff_t>(at), size, bytes.begin());
    if (std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; })) return std::nullopt;
    return Address::from_bytes(std::span(bytes).first(size));
}

Error not_socks(std::string_view version, std::uint8_t byte) {
    return {Errc::protocol, fmt::format("not a {} reply (it begins with 0x{:02x})", version, byte)};
}

} // namespace

// 04 01 port(2) address(4) user 00
std::string socks4_connect(const Endpoint& target) {
    std::string request{4, 1};
    append_port(request, target.port);
    append_address(request, target.address);
    request += '\0';
    return request;
}

// 04 01 port(2) 0.0.0.1 user 00 name 00: an impossible address announces the name.
std::string socks4a_connect(std::string_view host, std::uint16_t port) {
    std::string request{4, 1};
    append_port(request, port);
    request.append({0, 0, 0, 1, 0});
    request += host;
    request += '\0';
    return request;
}

// 00 code port(2) address(4). Some servers repeat the 4 of the request in front.
Result<std::optional<Socks4Reply>> parse_socks4_reply(std::string& buffer) {
    if (buffer.empty()) return std::optional<Socks4Reply>{};
    if (byte_at(buffer, 0) != 0 && byte_at(buffer, 0) != 4) return not_socks("SOCKS4", byte_at(buffer, 0));
    if (buffer.size() < 2) return std::optional<Socks4Reply>{};
    const Socks4Reply reply{byte_at(buffer, 1)};
    if (reply.code < 0x5a || reply.code > 0x5d) return not_socks("SOCKS4", byte_at(buffer, 1));
    const std::size_t size = reply.granted() ? 8 : 2;
    if (buffer.size() < size) return std::optional<Socks4Reply>{};
    buffer.erase(0, size);
    return std::optional{reply};
}

std::string Socks4Reply::meaning() const {
    switch (code) {
    case 0x5a:
        return "0x5a, request granted";
    case 0x5b:
        return "0x5b, request rejected or failed";
    case 0x5c:
        return "0x5c, no identd answers at the client";
    case 0x5d:
        return "0x5d, identd names another user";
    default:
        return fmt::format("0x{:02x}", code);
    }
}

// 05, number of methods, methods
std::string socks5_greeting() {
    return std::string{5, 1, 0};
}

// 05 01 00 type address port(2)
std::string socks5_connect(const Endpoint& target) {
    std::string request{5, 1, 0};
    request += target.address.is_v4() ? '\x01' : '\x04';
    append_address(request, target.address);
    append_port(request, target.port);
    return request;
}

// 05 01 00 03 length name port(2)
std::string socks5_connect_by_name(std::string_view host, std::uint16_t port) {
    std::string request{5, 1, 0, 3, static_cast<char>(host.size())};
    request += host;
    append_port(request, port);
    return request;
}

// 05 method
Result<std::optional<Socks5Method>> parse_socks5_method(std::string& buffer) {
    if (buffer.empty()) return std::optional<Socks5Method>{};
    if (byte_at(buffer, 0) != 5) return not_socks("SOCKS5", byte_at(buffer, 0));
    if (buffer.size() < 2) return std::optional<Socks5Method>{};
    const Socks5Method method{byte_at(buffer, 1)};
    buffer.erase(0, 2);
    return std::optional{method};
}

std::string Socks5Method::meaning() const {
    switch (method) {
    case 0x00:
        return "0x00, no authentication needed";
    case 0x01:
        return "0x01, GSSAPI needed";
    case 0x02:
        return "0x02, user name and password needed";
    case 0xff:
        return "0xff, no acceptable method";
    default:
        return fmt::format("0x{:02x}, a method that we did not offer", method);
    }
}

// 05 03 00 type 0... port 0
std::string socks5_associate(bool ipv6) {
    std::string request{5, 3, 0, static_cast<char>(ipv6 ? 4 : 1)};
    request.append((ipv6 ? 16 : 4) + 2, '\0');
    return request;
}

// 00 00 FRAG type address port(2) payload
std::string socks5_datagram(const Endpoint& target, std::string_view payload) {
    std::string datagram{0, 0, 0};
    datagram += target.address.is_v4() ? '\x01' : '\x04';
    append_address(datagram, target.address);
    append_port(datagram, target.port);
    datagram += payload;
    return datagram;
}

Result<std::string_view> parse_socks5_datagram(std::string_view datagram) {
    const Error not_one{Errc::protocol, "not a datagram of SOCKS5"};
    if (datagram.size() < 5 || datagram[0] != 0 || datagram[1] != 0 || datagram[2] != 0) return not_one;
    std::size_t address = 0;
    switch (datagram[3]) {
    case 1:
        address = 4;
        break;
    case 3:
        address = 1 + std::size_t{static_cast<std::uint8_t>(datagram[4])};
        break;
    case 4:
        address = 16;
        break;
    default:
        return not_one;
    }
    const auto head = 4 + address + 2;
    if (datagram.size() < head) return not_one;
    return datagram.substr(head);
}

// 05 code 00 type address port(2); the address is 4, 16, or 1 + n bytes long.
Result<std::optional<Socks5Reply>> parse_socks5_reply(std::string& buffer) {
    if (buffer.empty()) return std::optional<Socks5Reply>{};
    if (byte_at(buffer, 0) != 5) return not_socks("SOCKS5", byte_at(buffer, 0));
    if (buffer.size() < 2) return std::optional<Socks5Reply>{};
    Socks5Reply reply{byte_at(buffer, 1)};
    if (!reply.granted()) {
        buffer.erase(0, 2);
        return std::optional{reply};
    }
    if (buffer.size() < 5) return std::optional<Socks5Reply>{};
    std::size_t address = 0;
    switch (byte_at(buffer, 3)) {
    case 1:
        address = 4;
        break;
    case 3:
        address = 1 + std::size_t{byte_at(buffer, 4)};
        break;
    case 4:
        address = 16;
        break;
    default:
        return not_socks("SOCKS5", byte_at(buffer, 3));
    }
    const auto size = 4 + address + 2;
    if (buffer.size() < size) return std::optional<Socks5Reply>{};
    reply.bound = address_at(buffer, 4, address);
    reply.bound_port = static_cast<std::uint16_t>(byte_at(buffer, size - 2) << 8 | byte_at(buffer, size - 1));
    buffer.erase(0, size);
    return std::optional{reply};
}

std::string Socks5Reply::meaning() const {
    static constexpr std::array<std::string_view, 9> meanings{
        "succeeded",           "general failure",       "not allowed by the rules",
        "network unreachable", "host unreachable",      "connection refused",
        "TTL expired",         "command not supported", "address type not supported"};
    if (code < meanings.size()) return fmt::format("0x{:02x}, {}", code, meanings[code]);
    return fmt::format("0x{:02x}", code);
}

} // namespace provenbl::verifier::wire
