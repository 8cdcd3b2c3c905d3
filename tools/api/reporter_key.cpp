#include "tools/api/reporter_key.hpp"

#include "store/ascii.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace provenbl::tools::api {
namespace {

constexpr std::string_view prefix = "pbr-";
constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t longest_key = 128; // of what is hashed at all

} // namespace

std::string make_reporter_key(Entropy& entropy) {
    std::array<std::uint8_t, 20> random{};
    entropy.fill(random);
    std::string key{prefix};
    unsigned window = 0;
    unsigned bits = 0;
    for (const auto byte : random) {
        window = (window << 8U | byte) & 0xfffU;
        for (bits += 8; bits >= 5; bits -= 5) key += alphabet[window >> (bits - 5) & 31U];
    }
    return key;
}

std::string hash_reporter_key(std::string_view key) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(key.data(), key.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("SHA-256 is not available");
    return {reinterpret_cast<const char*>(digest.data()), size};
}

std::optional<std::string> bearer_key(std::string_view authorization) {
    constexpr std::string_view scheme = "bearer ";
    if (authorization.size() <= scheme.size() || authorization.size() > scheme.size() + longest_key)
        return std::nullopt;
    if (lower(authorization.substr(0, scheme.size())) != scheme) return std::nullopt;
    authorization.remove_prefix(scheme.size());
    while (authorization.starts_with(' ')) authorization.remove_prefix(1);
    return std::string{authorization};
}

} // namespace provenbl::tools::api
