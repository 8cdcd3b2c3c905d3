// The front page: look an address up, and what this list is. Pure.
#pragma once

#include "tools/pages/page.hpp"

#include <optional>
#include <string>

namespace provenbl::tools::pages {

struct FrontView {
    std::optional<Address> visitor; // offered for a look
    std::string asked;              // what was entered and is no address
    std::string mistake;            // what is wrong with it
};

[[nodiscard]] Page front_page(const Site& site, const Configuration& configuration, const FrontView& view);

} // namespace provenbl::tools::pages
