// What an operator sets about DNS over TLS (`dns.tls` in the configuration).
#pragma once

#include "store/address.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace provenbl::dnsbl::tls {

inline constexpr std::uint16_t default_port = 853; // RFC 7858 3.1

struct TlsSettings {
    std::vector<Endpoint> listen;      // TCP; empty: DNS over TLS is off
    std::filesystem::path certificate; // PEM: ours first, then what leads to its CA
    std::filesystem::path key;         // PEM, without a passphrase
    // PEM: who signs the certificates of clients. Then transfers over TLS want one; questions never do. Empty: nobody
    // is asked for one.
    std::filesystem::path client_ca;
    // The name in the certificate, which mirrors are told to insist on. Empty: the first name server of the zones.
    std::string name;
    std::size_t connections = 300;                     // at once; each takes some 60 KiB
    std::size_t per_client = 50;                       // of one IPv4 address or IPv6 /64
    std::chrono::milliseconds handshake_timeout{5000}; // from the connection to the end of the handshake

    [[nodiscard]] bool enabled() const { return !listen.empty(); }
};

} // namespace provenbl::dnsbl::tls
