// Tokens: the secret that a probe sends through a suspect.
//
// 128 random bits and a 72-bit MAC (HMAC-SHA256, truncated) under the store's key: 200 bits, which are
// exactly 40 characters of lower-case base32 (RFC 4648 alphabet, no padding), so that a token survives any
// mail system and fits any local part. A sink checks the MAC before it touches the store, and answers a
// token that arrives through a tunnel with a word that only the key's holder can compute.
#pragma once

#include "store/entropy.hpp"
#include "store/records.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace provenbl::verifier {

class TokenMint {
public:
    static constexpr std::size_t text_size = 40;

    TokenMint(const std::array<std::uint8_t, 32>& key, Entropy& entropy);

    struct Token {
        TokenId id{};
        std::string text; // 40 characters
    };
    [[nodiscard]] Token make();
    [[nodiscard]] std::string text_of(const TokenId& id) const;

    // Upper case is folded. Nothing for a wrong length, alphabet or MAC; constant time in the MAC.
    [[nodiscard]] std::optional<TokenId> check(std::string_view text) const;
    // The first valid token in `text`, wherever it stands (a request line, a path).
    [[nodiscard]] std::optional<TokenId> find(std::string_view text) const;

    // What our callback sink replies with: 40 characters, unrelated to the token without the key.
    [[nodiscard]] std::string answer_to(const TokenId& id) const;

private:
    std::array<std::uint8_t, 32> key_;
    Entropy& entropy_;
};

} // namespace provenbl::verifier
