#include "tools/letters/desk.hpp"

#include "store/hosts.hpp"
#include "tools/api/redaction.hpp"
#include "tools/api/request_target.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::tools::letters {

Result<Desk> Desk::open(const Configuration& configuration, const verifier::TokenMint& mint) {
    auto templates = LetterTemplates::load(configuration.letters.templates.string());
    if (!templates) return templates.error();
    return Desk{configuration, mint, std::move(*templates)};
}

std::optional<ListedHost> Desk::listed_host(const ReadTxn& txn, const Address& host, std::uint64_t case_id) const {
    const auto known = hosts::find(txn, host);
    if (!known || known->holes.empty() || (case_id != 0 && known->case_id != case_id)) return std::nullopt;
    ListedHost listed;
    listed.address = known->address;
    listed.case_id = known->case_id;
    listed.page =
        fmt::format("{}/{}", configuration_->letters.public_url, api::encode_segment(known->address.to_string()));
    for (auto& item : hosts::evidence(txn, host, known->case_id)) {
        // What is closed by now needs no letter.
        const bool open = std::any_of(known->holes.begin(), known->holes.end(),
                                      [&](const Hole& hole) { return hole.ordinal == item.ordinal; });
        if (!open) continue;
        if (item.software.empty()) item.software = known->software;
        listed.evidence.push_back(api::redact(std::move(item), *mint_));
    }
    if (listed.evidence.empty()) return std::nullopt;
    return listed;
}

std::string Desk::bounce_address(const TokenId& token) const {
    return mint_->text_of(token) + "@" + configuration_->verifier.identity.probe_domain;
}

Draft Desk::draft(std::vector<ListedHost> hosts, std::string_view contact, std::string_view wanted, std::size_t attempt,
                  const std::optional<TokenId>& token, Time now) const {
    const auto& settings = configuration_->letters;
    const auto& identity = configuration_->verifier.identity;
    Draft draft;
    draft.author.from = settings.from.empty() ? identity.contact : settings.from;
    draft.author.organization = settings.organization;
    draft.author.list = configuration_->zones.zones.empty() ? identity.helo : configuration_->zones.zones.front().apex;
    const auto at = draft.author.from.rfind('@');
    draft.author.domain = at == std::string::npos ? identity.helo : draft.author.from.substr(at + 1);
    draft.contact = contact;
    if (!wanted.empty())
        draft.language = wanted;
    else if (!settings.language.empty())
        draft.language = settings.language;
    else
        draft.language = language_of_domain(contact.substr(std::min(contact.size(), contact.rfind('@') + 1)));
    if (token && !settings.public_url.empty()) {
        draft.opt_out_page = fmt::format("{}/v1/letters/opt-out/{}", settings.public_url, mint_->text_of(*token));
        draft.opt_out_post = draft.opt_out_page;
    }
    draft.message_id = message_id(hosts.front().address, hosts.front().case_id, attempt, draft.author.domain);
    draft.hosts = std::move(hosts);
    draft.now = now;
    return draft;
}

} // namespace provenbl::tools::letters
