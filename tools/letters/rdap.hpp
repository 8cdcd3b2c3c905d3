// Who answers for abuse of an address, by RDAP (RFC 9083). Reading an answer is pure; asking is RdapClient.
//
// An answer comes from a server that we don't know: it is bounded in size and depth, nothing in it is believed but mail
// addresses that look like ones.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"
#include "store/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace provenbl::tools::letters {

// Mail addresses of entities with the role `abuse`, wherever they stand, in the order of the answer. Error protocol for
// what is no RDAP object.
[[nodiscard]] Result<std::vector<std::string>> abuse_contacts(std::string_view json);

// The network that an answer speaks of: its first and its last address. Nothing when it names none that holds `host`,
// or one wider than a /16 (IPv6: /32), which nobody's single abuse desk answers for.
[[nodiscard]] std::optional<std::pair<Address, Address>> answered_network(std::string_view json, const Address& host);

class RdapClient {
public:
    // `base` is "https://rdap.example/", asked for ip/ADDRESS below it.
    RdapClient(std::string base, Duration timeout) : base_(std::move(base)), timeout_(timeout) {}
    // The answer's body. Follows few redirects, to https and to public addresses only; only the configured server may
    // be elsewhere. Blocks, no longer than a few timeouts. Errors: not_found, unreachable, protocol, limit.
    [[nodiscard]] Result<std::string> ask(const Address& host) const;

private:
    std::string base_;
    Duration timeout_;
};

} // namespace provenbl::tools::letters
