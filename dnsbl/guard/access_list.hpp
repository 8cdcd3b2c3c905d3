// Who may ask at all: what is done with a client network, the most specific rule winning.
//
// `answer` gives a code that looks like a listing for every name below a zone. A mail server that takes any answer for
// a listing then rejects ALL of its mail, so it is for operators who want exactly that of clients whom they have told
// (RFC 6471 section 3.8); REFUSED with EDE 18 (RFC 8914) harms nobody.
#pragma once

#include "dnsbl/guard/prefix_map.hpp"
#include "store/address.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace provenbl::dnsbl::guard {

enum class AccessAction : std::uint8_t {
    allow,
    refuse, // REFUSED and EDE 18, Prohibited
    drop,   // no answer at all; a TCP connection is closed
    answer, // the rule's code, whatever is asked below a zone's apex
};

struct AccessRule {
    Prefix clients = Prefix::of(Address{}, 0);
    AccessAction action = AccessAction::refuse;
    Address code; // of `answer`; inside 127.0.0.0/8
};

class AccessList {
public:
    AccessList() = default;
    explicit AccessList(std::vector<AccessRule> rules);

    // Null: nothing is said of the client, who is allowed.
    [[nodiscard]] const AccessRule* find(const Address& client) const {
        if (rules_.empty()) return nullptr;
        const auto at = map_.find(client);
        return at == PrefixMap::none ? nullptr : &rules_[at];
    }
    // Then find never needs to be asked.
    [[nodiscard]] bool empty() const { return rules_.empty(); }

private:
    std::vector<AccessRule> rules_;
    PrefixMap map_;
};

} // namespace provenbl::dnsbl::guard
