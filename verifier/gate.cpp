// What each refusal says is shown to people: the address, the rule that holds it, and where the rule comes from.
#include "verifier/gate.hpp"

#include "store/exclusions.hpp"
#include "store/listing_unit.hpp"
#include "store/special_purpose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace provenbl::verifier {
namespace {

const Prefix* covering(const std::vector<Prefix>& prefixes, const Address& address) {
    const auto found =
        std::find_if(prefixes.begin(), prefixes.end(), [&](const Prefix& prefix) { return prefix.contains(address); });
    return found == prefixes.end() ? nullptr : &*found;
}

} // namespace

Result<> check_address(const Address& address, const GateSettings& settings) {
    // Own networks come first: unlocking a special-purpose range does not give up our own machines in it.
    if (const auto* own = covering(settings.own_networks, address))
        return Error{Errc::not_allowed,
                     fmt::format("{} is in {}, one of the operator's own networks, which are never probed or listed",
                                 address.to_string(), own->to_string())};
    const auto special = special_purpose(address);
    if (special && covering(settings.unlocked, address) == nullptr)
        return Error{Errc::not_allowed,
                     fmt::format("{} is a special-purpose address ({}, {}; {}), which is never probed or listed",
                                 address.to_string(), special->name, special->prefix, special->source)};
    return {};
}

Gate::Gate(const Store& store, const Clock& clock, GateSettings settings)
    : store_(&store), clock_(&clock), settings_(std::move(settings)) {}

Gate::Gate(GateSettings settings) : settings_(std::move(settings)) {}

Result<> Gate::check(const Address& address) const {
    if (store_ == nullptr) return check_address(address, settings_);
    return store_->read([&](const ReadTxn& txn) { return check(txn, address); });
}

Result<> Gate::check(const ReadTxn& txn, const Address& address) const {
    if (auto allowed = check_address(address, settings_); !allowed) return allowed;
    // Listing it would list our own machine beside it.
    const auto unit = listing_unit::covered(txn, address);
    for (const auto& own : settings_.own_networks) {
        if (unit.contains(own.base()))
            return Error{Errc::not_allowed,
                         fmt::format("{} is in {}, which is listed as a whole and holds {}, one of the operator's own "
                                     "networks: it is never probed or listed",
                                     address.to_string(), unit.to_string(), own.to_string())};
    }
    if (const auto exclusion = exclusions::covering(txn, address, clock_->now()))
        return Error{Errc::not_allowed, fmt::format("{} is excluded ({}{}{}): it is never probed or listed",
                                                    address.to_string(), exclusion->prefix.to_string(),
                                                    exclusion->reason.empty() ? "" : ": ", exclusion->reason)};
    return {};
}

} // namespace provenbl::verifier
