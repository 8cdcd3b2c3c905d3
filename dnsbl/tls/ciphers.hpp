// What all TLS servers of ours offer to clients of TLS 1.2 (RFC 9325 4.2.1): ephemeral keys and authenticated
// encryption. Those of TLS 1.3 are all good.
#pragma once

namespace provenbl::dnsbl::tls {

inline constexpr const char* tls12_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"; // as SSL_CTX_set_cipher_list takes it

} // namespace provenbl::dnsbl::tls
