#include "dnsbl/guard/access_list.hpp"

#include <utility>

namespace provenbl::dnsbl::guard {

AccessList::AccessList(std::vector<AccessRule> rules) : rules_(std::move(rules)) {
    std::vector<Prefix> prefixes;
    prefixes.reserve(rules_.size());
    for (const auto& rule : rules_) prefixes.push_back(rule.clients);
    map_ = PrefixMap(prefixes);
}

} // namespace provenbl::dnsbl::guard
