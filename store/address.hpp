// Addresses, prefixes and endpoints.
//
// An Address is an IPv4 or IPv6 host. An IPv4-mapped IPv6 address (::ffff:a.b.c.d, RFC 4291 2.5.5.2) is
// the IPv4 host that it names and is turned into it on the way in, so one host has one Address.
// Order: IPv4 before IPv6, each in network order; that is also the order of keys in the store.
#pragma once

#include "store/result.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace provenbl {

class Address {
public:
    Address() = default; // 0.0.0.0

    static Address v4(std::uint32_t host_order);
    static Address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d);
    static Address v6(const std::array<std::uint8_t, 16>& network_order);
    // 4 or 16 bytes in network order; anything else is a programming error.
    static Address from_bytes(std::span<const std::uint8_t> network_order);
    // "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"; no zone index, no brackets, no leading zeros in octets.
    static Result<Address> parse(std::string_view text);

    [[nodiscard]] bool is_v4() const { return size_ == 4; }
    [[nodiscard]] bool is_v6() const { return size_ == 16; }
    [[nodiscard]] unsigned bits() const { return size_ * 8U; } // 32 or 128
    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }
    [[nodiscard]] std::uint32_t to_v4() const;   // host order; only for is_v4()
    [[nodiscard]] std::string to_string() const; // RFC 5952

    auto operator<=>(const Address&) const = default;

private:
    std::uint8_t size_ = 4;
    std::array<std::uint8_t, 16> bytes_{};
};

class Prefix {
public:
    // "192.0.2.0/24", "2001:db8::/32", or an address alone for the whole host. Host bits must be zero.
    static Result<Prefix> parse(std::string_view text);
    // Host bits are cleared. length is at most address.bits().
    static Prefix of(const Address& address, unsigned length);

    [[nodiscard]] const Address& base() const { return base_; }
    [[nodiscard]] unsigned length() const { return length_; }
    [[nodiscard]] bool contains(const Address& address) const;
    [[nodiscard]] std::string to_string() const;

    auto operator<=>(const Prefix&) const = default;

private:
    Prefix(const Address& base, unsigned length) : base_(base), length_(length) {}
    Address base_;
    unsigned length_;
};

struct Endpoint {
    Address address;
    std::uint16_t port = 0;

    // "192.0.2.1:25", "[2001:db8::1]:25"; port 1 to 65535.
    static Result<Endpoint> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
    auto operator<=>(const Endpoint&) const = default;
};

} // namespace provenbl
