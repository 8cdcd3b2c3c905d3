// The zones as mirrors take them: serials, how old the last change is, and how to become a mirror. Mirrors are named
// only where the operator wants it (mirrors.public): who serves whom is nobody else's business. Pure.
#pragma once

#include "tools/api/mirror_lag.hpp"
#include "tools/pages/page.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace provenbl::tools::pages {

struct MirrorsView {
    std::uint32_t serial = 0;        // of all zones of what is proven
    std::optional<Time> last_change; // the newest entry of the journal
    std::size_t mirrors = 0;         // how many there are
    bool shut_down = false;
    Time now{};
    // How far each is, where that is public.
    std::vector<api::MirrorStanding> standings = {};
};

[[nodiscard]] Page mirrors_page(const Site& site, const Configuration& configuration, const MirrorsView& view);

} // namespace provenbl::tools::pages
