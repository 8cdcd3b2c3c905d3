// HMAC-SHA256 with one key and two uses, told apart by a label: the MAC of a token, and the answer to it.
#include "verifier/token.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <stdexcept>

namespace provenbl::verifier {
namespace {

constexpr std::size_t raw_size = 25; // 200 bits: 40 characters without padding
constexpr std::size_t mac_size = 9;  // 72 bits
using Raw = std::array<std::uint8_t, raw_size>;
static_assert(std::tuple_size_v<TokenId> + mac_size == raw_size && raw_size * 8 == TokenMint::text_size * 5);

constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
// A hostile text may hold many candidates; each costs one HMAC.
constexpr std::size_t candidate_limit = 256;

int value_of(char c) {
    if (c >= 'a' && c <= 'z') return c - 'a';
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= '2' && c <= '7') return c - '2' + 26;
    return -1;
}

std::string encode(const Raw& raw) {
    std::string text;
    text.reserve(TokenMint::text_size);
    unsigned window = 0;
    unsigned bits = 0;
    for (const auto byte : raw) {
        window = (window << 8 | byte) & 0xfffU;
        for (bits += 8; bits >= 5; bits -= 5) text += alphabet[window >> (bits - 5) & 31U];
    }
    return text;
}

std::optional<Raw> decode(std::string_view text) {
    if (text.size() != TokenMint::text_size) return std::nullopt;
    Raw raw{};
    std::size_t at = 0;
    unsigned window = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const int value = value_of(c);
        if (value < 0) return std::nullopt;
        window = (window << 5 | static_cast<unsigned>(value)) & 0xfffU;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            raw[at++] = static_cast<std::uint8_t>(window >> bits);
        }
    }
    return raw;
}

std::array<std::uint8_t, 32> keyed_hash(std::span<const std::uint8_t> key, std::string_view label, const TokenId& id) {
    std::array<std::uint8_t, 32> input{};
    if (label.size() + id.size() > input.size()) throw std::logic_error("token label too long");
    std::memcpy(input.data(), label.data(), label.size());
    std::memcpy(input.data() + label.size(), id.data(), id.size());
    std::array<std::uint8_t, 32> digest{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), input.data(), label.size() + id.size(),
             digest.data(), &size) == nullptr ||
        size != digest.size())
        throw std::runtime_error("OpenSSL cannot compute HMAC-SHA256");
    return digest;
}

} // namespace

TokenMint::TokenMint(const std::array<std::uint8_t, 32>& key, Entropy& entropy) : key_(key), entropy_(entropy) {}

TokenMint::Token TokenMint::make() {
    Token token;
    entropy_.fill(token.id);
    token.text = text_of(token.id);
    return token;
}

std::string TokenMint::text_of(const TokenId& id) const {
    const auto digest = keyed_hash(key_, "provenbl token", id);
    Raw raw{};
    std::copy(id.begin(), id.end(), raw.begin());
    std::copy_n(digest.begin(), mac_size, raw.begin() + id.size());
    return encode(raw);
}

std::optional<TokenId> TokenMint::check(std::string_view text) const {
    const auto raw = decode(text);
    if (!raw) return std::nullopt;
    TokenId id{};
    std::copy_n(raw->begin(), id.size(), id.begin());
    const auto digest = keyed_hash(key_, "provenbl token", id);
    if (CRYPTO_memcmp(digest.data(), raw->data() + id.size(), mac_size) != 0) return std::nullopt;
    return id;
}

std::optional<TokenId> TokenMint::find(std::string_view text) const {
    std::size_t run = 0; // characters of the alphabet that end here
    std::size_t tried = 0;
    for (std::size_t i = 0; i < text.size() && tried < candidate_limit; ++i) {
        run = value_of(text[i]) < 0 ? 0 : run + 1;
        if (run < text_size) continue;
        ++tried;
        if (auto id = check(text.substr(i + 1 - text_size, text_size))) return id;
    }
    return std::nullopt;
}

std::string TokenMint::answer_to(const TokenId& id) const {
    const auto digest = keyed_hash(key_, "provenbl answer", id);
    Raw raw{};
    std::copy_n(digest.begin(), raw.size(), raw.begin());
    return encode(raw);
}

} // namespace provenbl::verifier
