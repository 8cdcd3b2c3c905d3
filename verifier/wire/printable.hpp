// A suspect's words, fit for a one-line sentence: printable ASCII only, bounded.
#pragma once

#include <string>
#include <string_view>

namespace provenbl::verifier::wire {

// Control and non-ASCII bytes become '?', runs of blanks one blank, and at most `limit` characters remain
// ("..." marks the cut).
[[nodiscard]] std::string printable(std::string_view bytes, std::size_t limit = 160);

} // namespace provenbl::verifier::wire
