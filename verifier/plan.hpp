// What one visit tries, and in which order. Pure.
//
// For a report, or a host that is not listed: the holes that are known, then the reported ports with every
// technique (those first whose port it is), then each technique at its own ports, likeliest first. For a rescan or an
// owner's request of a listed host: only the ports of its holes, the proven techniques first, then the others of their
// class, so that an owner who has fixed his host is free in seconds. Techniques of the stage `thorough` are planned
// only when asked for; those of the stage `suspicion` carry it, and the scanner decides when it comes to them.
#pragma once

#include "store/records.hpp"
#include "verifier/technique.hpp"

#include <span>
#include <vector>

namespace provenbl::verifier {

// Techniques of one runner that share a conversation with one address and port.
struct Attempt {
    Endpoint target; // the host, or the entry where the host is the exit of a chain
    std::vector<const Technique*> techniques;
    Stage stage = Stage::always; // of all of them; what was proven before is always tried
};

[[nodiscard]] std::vector<Attempt> plan_visit(const Host& host, const Scan& scan,
                                              std::span<const Technique* const> techniques, bool thorough = false);

} // namespace provenbl::verifier
