// A proxy is asked for each of our sinks in turn, graver first, because one that is open for 443 only is
// another finding than one that is open for 25. The best of the attempts is the verdict.
//
// Some proxies go to names alone, whatever they say to addresses. So where the sink has a name (a host in the probe
// domain, ProbeSettings::callback_name), techniques that can say names ask once more by it, after the addresses, and
// only whoever has shown that he judges the target or failed to reach it. That the name was resolved proves nothing:
// the token and the answer do, as always.
#pragma once

#include "verifier/technique.hpp"

#include <string>

namespace provenbl::verifier::techniques {

struct Attempt {
    ProbeResult result;
    bool final = false; // another target would fare no better: the host is gone, or does not speak this
};

// One of our sinks, and how it is asked for.
struct Target {
    Endpoint sink;
    std::string name{}; // empty: by its address

    [[nodiscard]] std::string host() const { return name.empty() ? sink.address.to_string() : name; }
    // "198.51.100.9:443", "[2001:db8::9]:443", "callback.probe.example:443"
    [[nodiscard]] std::string to_string() const;
};
enum class AskBy { address, name_too };

// One connection, one token, one target.
using TryTarget = Awaitable<Attempt> (*)(ProbeContext&, const Technique&, const Target& target);
using Fits = bool (*)(const Endpoint& target);

[[nodiscard]] inline bool any_target(const Endpoint&) {
    return true;
}

Awaitable<ProbeResult> try_targets(ProbeContext& context, const Technique& technique, Fits fits, TryTarget attempt,
                                   AskBy by = AskBy::address);

} // namespace provenbl::verifier::techniques
