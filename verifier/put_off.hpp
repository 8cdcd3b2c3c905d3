// Probes that hosts have put off ("try again later"), so that the next visit asks the very same again.
//
// Greylisting (RFC 6647) remembers client, sender and recipient, and lets only that mail through the second time. The
// recipient is the token: a fresh one would be put off for ever, and an open relay behind greylisting never be seen.
// In memory and bounded: what is forgotten is asked anew, with a fresh token.
#pragma once

#include "store/address.hpp"
#include "store/records.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace provenbl::verifier {

class PutOff {
public:
    static constexpr std::size_t limit = 20'000;

    void remember(const Endpoint& target, std::string_view technique, const TokenId& token) {
        if (tokens_.size() >= limit) tokens_.clear();
        tokens_[{target, std::string(technique)}] = token;
    }
    // What was put off there, once.
    [[nodiscard]] std::optional<TokenId> take(const Endpoint& target, std::string_view technique) {
        const auto at = tokens_.find({target, std::string(technique)});
        if (at == tokens_.end()) return std::nullopt;
        const auto token = at->second;
        tokens_.erase(at);
        return token;
    }

private:
    std::map<std::pair<Endpoint, std::string>, TokenId> tokens_;
};

} // namespace provenbl::verifier
