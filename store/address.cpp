// Text forms go through inet_pton and inet_ntop, which are strict (no leading zeros, four octets) and write
// RFC 5952's form.
#include "store/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace provenbl {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

Error bad_address(std::string_view text) {
    return {Errc::invalid, "'" + std::string(text.substr(0, 80)) +
                               "' is not an IPv4 or IPv6 address; expected such as 192.0.2.1 or 2001:db8::1"};
}

Result<unsigned> parse_number(std::string_view text, unsigned most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > most ||
        (text.size() > 1 && text.front() == '0'))
        return Error{Errc::invalid,
                     "'" + std::string(text.substr(0, 20)) + "' is not a number from 0 to " + std::to_string(most)};
    return value;
}

} // namespace

Address Address::v4(std::uint32_t host_order) {
    Address address;
    for (unsigned i = 0; i < 4; ++i) address.bytes_[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
    return address;
}

Address Address::v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    Address address;
    address.bytes_ = {a, b, c, d};
    return address;
}

Address Address::v6(const std::array<std::uint8_t, 16>& network_order) {
    if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), network_order.begin()))
        return v4(network_order[12], network_order[13], network_order[14], network_order[15]);
    Address address;
    address.size_ = 16;
    address.bytes_ = network_order;
    return address;
}

Address Address::from_bytes(std::span<const std::uint8_t> network_order) {
    if (network_order.size() == 4) return v4(network_order[0], network_order[1], network_order[2], network_order[3]);
    if (network_order.size() != 16) throw std::invalid_argument("an address has 4 or 16 bytes");
    std::array<std::uint8_t, 16> bytes{};
    std::copy(network_order.begin(), network_order.end(), bytes.begin());
    return v6(bytes);
}

Result<Address> Address::parse(std::string_view text) {
    std::array<char, 64> buffer{};
    if (text.size() >= buffer.size() || text.find('\0') != std::string_view::npos) return bad_address(text);
    std::copy(text.begin(), text.end(), buffer.begin());
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(AF_INET, buffer.data(), bytes.data()) == 1) return v4(bytes[0], bytes[1], bytes[2], bytes[3]);
    if (inet_pton(AF_INET6, buffer.data(), bytes.data()) == 1) return v6(bytes);
    return bad_address(text);
}

std::uint32_t Address::to_v4() const {
    return static_cast<std::uint32_t>(bytes_[0]) << 24 | static_cast<std::uint32_t>(bytes_[1]) << 16 |
           static_cast<std::uint32_t>(bytes_[2]) << 8 | bytes_[3];
}

std::string Address::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    if (is_v4()) { // inet_ntop prints by printf: a third of the time of a whole transfer
        auto* end = buffer.data();
        for (const auto octet : bytes()) {
            if (end != buffer.data()) *end++ = '.';
            end = std::to_chars(end, buffer.data() + buffer.size(), octet).ptr;
        }
        return {buffer.data(), end};
    }
    inet_ntop(AF_INET6, bytes_.data(), buffer.data(), buffer.size());
    return buffer.data();
}

Result<Prefix> Prefix::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = Address::parse(text.substr(0, slash));
    if (!address) return address.error();
    if (slash == std::string_view::npos) return Prefix(*address, address->bits());
    const auto length = parse_number(text.substr(slash + 1), address->bits());
    if (!length)
        return Error{Errc::invalid, "prefix '" + std::string(text.substr(0, 80)) + "': " + length.error().message};
    const auto prefix = of(*address, *length);
    if (prefix.base() != *address)
        return Error{Errc::invalid,
                     "prefix '" + std::string(text) + "' has host bits set; did you mean " + prefix.to_string() + "?"};
    return prefix;
}

Prefix Prefix::of(const Address& address, unsigned length) {
    if (length > address.bits()) throw std::invalid_argument("a prefix is no longer than its address");
    std::array<std::uint8_t, 16> bytes{};
    const auto from = address.bytes();
    for (unsigned i = 0; i < from.size(); ++i) {
        const unsigned kept = std::clamp(static_cast<int>(length) - static_cast<int>(8 * i), 0, 8);
        bytes[i] = static_cast<std::uint8_t>(from[i] & (0xff00U >> kept));
    }
    return {Address::from_bytes({bytes.data(), from.size()}), length};
}

bool Prefix::contains(const Address& address) const {
    return address.is_v4() == base_.is_v4() && of(address, length_).base() == base_;
}

std::string Prefix::to_string() const {
    return base_.to_string() + "/" + std::to_string(length_);
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
    const Error wrong{Errc::invalid, "'" + std::string(text.substr(0, 80)) +
                                         "' is not an endpoint; expected such as 192.0.2.1:25 or [2001:db8::1]:25"};
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return wrong;
    auto host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const auto address = Address::parse(host);
    const auto port = parse_number(text.substr(colon + 1), 65535);
    const bool v6_text = host.find(':') != std::string_view::npos;
    if (!address || !port || *port == 0 || v6_text != bracketed) return wrong;
    return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

std::string Endpoint::to_string() const {
    const auto host = address.to_string();
    return (address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

} // namespace provenbl
