// How mail servers, filters and chat servers use the zones of this configuration: the texts of client_files.hpp, to
// copy or to fetch. Pure.
#pragma once

#include "tools/pages/page.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::pages {

// What the settings of one program are.
struct Recipe {
    std::string id;           // "postfix"
    std::string_view program; // "Postfix"
    std::string_view where;   // the file that they belong into
    std::string_view file;    // "postfix.cf": /use/postfix.cf
    std::string lines;
};
// With the names and codes of the zone. None for a zone without codes.
[[nodiscard]] std::vector<Recipe> recipes(const zones::ZoneDefinition& zone);

// The first that lists anything; null where there is none. The page is about this one.
[[nodiscard]] const zones::ZoneDefinition* main_zone(const Configuration& configuration);

[[nodiscard]] Page use_page(const Site& site, const Configuration& configuration);

} // namespace provenbl::tools::pages
