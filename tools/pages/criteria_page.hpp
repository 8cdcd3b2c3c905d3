// The criteria of listing and delisting, as RFC 6471 2.1 wants them published: made from the configuration that is in
// force, so that the page can't say other than what is done. Pure.
#pragma once

#include "tools/pages/page.hpp"

namespace provenbl::tools::pages {

[[nodiscard]] Page criteria_page(const Site& site, const Configuration& configuration);

// What a class means, in plain words.
[[nodiscard]] std::string_view meaning(ListingClass cls);

} // namespace provenbl::tools::pages
