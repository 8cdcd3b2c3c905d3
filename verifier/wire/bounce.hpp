// Whether a mail that came back says that it could not be delivered, for good (RFC 3464). Pure.
#pragma once

#include <string_view>

namespace provenbl::verifier::wire {

// A delivery status with `Action: failed`; or, from the null sender, a notice that has no delivery status at all. What
// is delayed, delivered or relayed is no failure, nor is an answer of a person or a machine that has a sender.
[[nodiscard]] bool is_final_failure(std::string_view envelope_sender, std::string_view message);

} // namespace provenbl::verifier::wire
