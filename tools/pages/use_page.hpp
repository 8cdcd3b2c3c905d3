// How mail servers, filters and chat servers use the zones of this configuration: settings to copy. Pure.
#pragma once

#include "tools/pages/page.hpp"

#include <string>
#include <vector>

namespace provenbl::tools::pages {

// What the settings of one program are.
struct Recipe {
    std::string id;      // "postfix"
    std::string program; // "Postfix"
    std::string where;   // the file that they stand in
    std::string lines;
    std::string remark;
};
// With the names and codes of the zone. None for a zone without codes.
[[nodiscard]] std::vector<Recipe> recipes(const zones::ZoneDefinition& zone);

// "127.0.0.[2;8..10]": the codes of the zone as Postfix reads them; equally for one octet that differs only.
[[nodiscard]] std::string postfix_pattern(const zones::ZoneDefinition& zone);

[[nodiscard]] Page use_page(const Site& site, const Configuration& configuration);

} // namespace provenbl::tools::pages
