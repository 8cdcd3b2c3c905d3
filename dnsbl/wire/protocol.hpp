// The numbers of the DNS that we speak: RFC 1035, 6891, 8914, 5001, 7873, 7828, as IANA registers them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace provenbl::dnsbl::wire {

inline constexpr std::size_t header_size = 12;
inline constexpr std::size_t longest_name = 255;
inline constexpr std::size_t longest_label = 63;
inline constexpr std::size_t plain_udp_size = 512; // without EDNS
inline constexpr std::size_t longest_message = 65535;

namespace flag {
inline constexpr std::uint16_t response = 0x8000;            // QR
inline constexpr std::uint16_t authoritative = 0x0400;       // AA
inline constexpr std::uint16_t truncated = 0x0200;           // TC
inline constexpr std::uint16_t recursion_desired = 0x0100;   // RD
inline constexpr std::uint16_t recursion_available = 0x0080; // RA
} // namespace flag

namespace opcode {
inline constexpr std::uint8_t query = 0;
inline constexpr std::uint8_t status = 2;
inline constexpr std::uint8_t notify = 4;
inline constexpr std::uint8_t update = 5;
} // namespace opcode

namespace type {
inline constexpr std::uint16_t a = 1;
inline constexpr std::uint16_t ns = 2;
inline constexpr std::uint16_t cname = 5;
inline constexpr std::uint16_t soa = 6;
inline constexpr std::uint16_t ptr = 12;
inline constexpr std::uint16_t mx = 15;
inline constexpr std::uint16_t txt = 16;
inline constexpr std::uint16_t aaaa = 28;
inline constexpr std::uint16_t opt = 41;
inline constexpr std::uint16_t ds = 43;
inline constexpr std::uint16_t tkey = 249;
inline constexpr std::uint16_t tsig = 250;
inline constexpr std::uint16_t ixfr = 251;
inline constexpr std::uint16_t axfr = 252;
inline constexpr std::uint16_t mailb = 253;
inline constexpr std::uint16_t maila = 254;
inline constexpr std::uint16_t any = 255;
} // namespace type

namespace cls {
inline constexpr std::uint16_t in = 1;
inline constexpr std::uint16_t chaos = 3;
} // namespace cls

// With the upper bits that only an OPT can carry.
enum class Rcode : std::uint16_t {
    noerror = 0,
    formerr = 1,
    servfail = 2,
    nxdomain = 3,
    notimp = 4,
    refused = 5,
    notauth = 9,
    badvers = 16,
    badcookie = 23,
};

namespace option {
inline constexpr std::uint16_t nsid = 3;
inline constexpr std::uint16_t cookie = 10;
inline constexpr std::uint16_t tcp_keepalive = 11;
inline constexpr std::uint16_t extended_error = 15;
} // namespace option

// RFC 8914 info codes.
enum class ExtendedError : std::uint16_t {
    none = 0xffff, // none is sent
    other = 0,     // what the text says
    not_ready = 14,
    prohibited = 18,
    not_authoritative = 20,
};

} // namespace provenbl::dnsbl::wire
