// HMAC (RFC 2104) with SHA-2 (RFC 4635), over OpenSSL's EVP, in the pieces that a TSIG is computed of (RFC 8945 4.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace provenbl::dnsbl::wire {

enum class TsigAlgorithm : std::uint8_t { hmac_sha256, hmac_sha384, hmac_sha512 };

[[nodiscard]] constexpr std::size_t mac_size(TsigAlgorithm algorithm) {
    constexpr std::array<std::size_t, 3> sizes{32, 48, 64};
    return sizes[static_cast<std::size_t>(algorithm)];
}

inline constexpr std::size_t longest_mac = 64;

struct Mac {
    std::array<std::uint8_t, longest_mac> octets{};
    std::uint8_t size = 0;

    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {octets.data(), size}; }
};

class Hmac {
public:
    // An empty secret is a programming error. Throws std::runtime_error when OpenSSL has no such hash.
    Hmac(TsigAlgorithm algorithm, std::span<const std::uint8_t> secret);
    ~Hmac();
    Hmac(Hmac&&) noexcept;
    Hmac& operator=(Hmac&&) noexcept;

    void add(std::span<const std::uint8_t> octets);
    // Gives the code of what was added, and begins anew with the same secret.
    [[nodiscard]] Mac finish();

private:
    struct Context;
    void begin();
    std::unique_ptr<Context> context_;
};

// Takes as long wherever the two differ. False for different sizes.
[[nodiscard]] bool same_octets(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

} // namespace provenbl::dnsbl::wire
