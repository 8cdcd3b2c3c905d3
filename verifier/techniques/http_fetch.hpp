// What every technique shares that has a page fetched for it: one request, and only our sink's answer in the body of
// the response is proof. A page, a redirect or a refusal of the host's own is a no, and 5xx leaves open what the host
// does for others.
#pragma once

#include "verifier/technique.hpp"
#include "verifier/techniques/targets.hpp"

#include <string>

namespace provenbl::verifier::techniques {

// A request there would reach our mail sink as an abuse of SMTP.
[[nodiscard]] bool not_mail(const Endpoint& target);

// Connects, asks, proves. In `request` and `repeat` stands TOKEN where the token goes (in `request` behind the head's
// first line only, or in it: the token is longer, so no length may depend on it).
Awaitable<Attempt> fetch_answer(ProbeContext& context, const Technique& technique, const Target& target,
                                std::string request, std::string repeat);

} // namespace provenbl::verifier::techniques
