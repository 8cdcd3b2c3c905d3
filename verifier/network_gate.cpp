#include "verifier/network_gate.hpp"

#include "store/special_purpose.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace provenbl::verifier {
namespace {

bool within(const Prefix& inner, const Prefix& outer) {
    return inner.length() >= outer.length() && outer.contains(inner.base());
}

} // namespace

Result<> check_network(const Prefix& network, const GateSettings& settings) {
    for (const auto& own : settings.own_networks) {
        if (within(network, own))
            return Error{
                Errc::not_allowed,
                fmt::format("{} is in {}, one of the operator's own networks, which are never probed or listed",
                            network.to_string(), own.to_string())};
    }
    const auto special = special_purpose(network.base());
    if (!special || !within(network, Prefix::parse(special->prefix).value())) return {};
    const bool unlocked = std::any_of(settings.unlocked.begin(), settings.unlocked.end(),
                                      [&](const Prefix& one) { return within(network, one) || within(one, network); });
    if (unlocked) return {};
    return Error{Errc::not_allowed, fmt::format("{} is special-purpose ({}, {}; {}), which is never probed or listed",
                                                network.to_string(), special->name, special->prefix, special->source)};
}

} // namespace provenbl::verifier
