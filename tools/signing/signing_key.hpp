// The list's own key: Ed25519 (RFC 8032), with which it signs what it publishes, so that a copy can be trusted wherever
// it was found.
//
// The private half is `signing.key` in the data directory (PEM, PKCS #8, readable by its owner only), made when it is
// first needed. It is no part of the store: no backup and no export holds it. Who has it speaks in our name.
#pragma once

#include "store/result.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_pkey_st; // EVP_PKEY

namespace provenbl::tools::signing {

using Signature = std::array<std::uint8_t, 64>;

// The half that everybody may have.
class PublicKey {
public:
    // PEM (SubjectPublicKeyInfo), or the 32 octets in base64. Error invalid.
    static Result<PublicKey> parse(std::string_view text);
    static Result<PublicKey> from_raw(std::span<const std::uint8_t> raw);

    [[nodiscard]] bool verify(std::span<const std::uint8_t> message, const Signature& signature) const;
    [[nodiscard]] std::string pem() const;
    [[nodiscard]] std::string base64() const;
    // 16 hexadecimal digits: the beginning of the SHA-256 of its 32 octets. To tell keys apart, nothing more.
    [[nodiscard]] std::string id() const;
    bool operator==(const PublicKey&) const = default;

private:
    explicit PublicKey(const std::array<std::uint8_t, 32>& raw) : raw_(raw) {}
    std::array<std::uint8_t, 32> raw_;
};

class SigningKey {
public:
    static constexpr auto file_name = "signing.key";

    [[nodiscard]] static SigningKey generate();
    // Error not_found when there is none, not_allowed when others can read it, corrupt.
    static Result<SigningKey> load(const std::filesystem::path& file);
    // The key of a data directory; made and kept there when there is none yet. Of two processes that make one at once,
    // both use the one that was first.
    static Result<SigningKey> of(const std::filesystem::path& data_directory);

    // Writes the private key to a file that is not there yet, for its owner only.
    Result<> save(const std::filesystem::path& file) const;
    [[nodiscard]] Signature sign(std::span<const std::uint8_t> message) const;
    [[nodiscard]] const PublicKey& public_key() const { return public_; }

private:
    struct Free {
        void operator()(evp_pkey_st* key) const;
    };
    using Handle = std::unique_ptr<evp_pkey_st, Free>;
    SigningKey(Handle key, const PublicKey& of) : key_(std::move(key)), public_(of) {}
    static Result<SigningKey> take(Handle key);
    Handle key_;
    PublicKey public_;
};

[[nodiscard]] inline std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] std::string to_base64(std::span<const std::uint8_t> bytes);
// Strict: padded, nothing else between. Error invalid.
[[nodiscard]] Result<std::string> from_base64(std::string_view text);

} // namespace provenbl::tools::signing
