// Where letters are written: a draft from what the store knows of listed hosts. Reads only.
#pragma once

#include "store/letter.hpp"
#include "store/store.hpp"
#include "tools/config/configuration.hpp"
#include "tools/letters/compose.hpp"
#include "verifier/token.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::letters {

class Desk {
public:
    // Errors: a template that is wrong, with its file and line.
    static Result<Desk> open(const Configuration& configuration, const verifier::TokenMint& mint);

    // Nothing when the host is not listed by proof any more in that case (0: in any).
    [[nodiscard]] std::optional<ListedHost> listed_host(const ReadTxn& txn, const Address& host,
                                                        std::uint64_t case_id) const;
    // The language is `wanted`, or the configuration's, or what the contact's domain suggests. `token`: of bounces and
    // opt-out; without one the letter has no opt-out link (a preview).
    [[nodiscard]] Draft draft(std::vector<ListedHost> hosts, std::string_view contact, std::string_view wanted,
                              std::size_t attempt, const std::optional<TokenId>& token, Time now) const;
    // Where bounces of it go: an address that our mail sink takes.
    [[nodiscard]] std::string bounce_address(const TokenId& token) const;

    [[nodiscard]] const LetterTemplates& templates() const { return templates_; }
    [[nodiscard]] std::optional<TokenId> token_of(std::string_view text) const { return mint_->check(text); }

private:
    Desk(const Configuration& configuration, const verifier::TokenMint& mint, LetterTemplates templates)
        : configuration_(&configuration), mint_(&mint), templates_(std::move(templates)) {}
    const Configuration* configuration_;
    const verifier::TokenMint* mint_;
    LetterTemplates templates_;
};

} // namespace provenbl::tools::letters
