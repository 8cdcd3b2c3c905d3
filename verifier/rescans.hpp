// When a listed host is looked at again: daily, and evenly over the day.
//
// A batch that was listed at once must not be visited at once for ever after. So the first rescan comes anywhere in the
// second interval after the proof, which spreads a batch over a whole interval, and each further one up to a 24th of
// the interval late, so that nothing falls into step again. Never early: RFC 6471 3.6.2. Pure; jitter is a uniform
// 32-bit number.
#pragma once

#include "store/entropy.hpp"
#include "store/records.hpp"
#include "verifier/settings.hpp"

#include <cstdint>

namespace provenbl::verifier {

[[nodiscard]] Time first_rescan(const PolicyRules& rules, Time now, std::uint32_t jitter);
[[nodiscard]] Time next_rescan(const PolicyRules& rules, Time now, std::uint32_t jitter);

[[nodiscard]] std::uint32_t draw_jitter(Entropy& entropy);
[[nodiscard]] std::uint32_t jitter_of(const TokenId& id);

} // namespace provenbl::verifier
