// The zones as mirrors take them: serials, how old the last change is, and how to become a mirror. No mirror is named:
// who serves whom is nobody else's business. Pure.
#pragma once

#include "tools/pages/page.hpp"

#include <cstdint>
#include <optional>

namespace provenbl::tools::pages {

struct MirrorsView {
    std::uint32_t serial = 0;        // of all zones of what is proven
    std::optional<Time> last_change; // the newest entry of the journal
    std::size_t mirrors = 0;         // how many there are
    bool shut_down = false;
    Time now{};
};

[[nodiscard]] Page mirrors_page(const Site& site, const Configuration& configuration, const MirrorsView& view);

} // namespace provenbl::tools::pages
