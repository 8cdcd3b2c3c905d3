// The style sheet, the script and the icon of all pages, as files that the program holds.
//
// A page names them with a hash of their content (/assets/style-1f0c2a9b77de.css), so that a browser may keep them for
// ever and never shows a page in an older version's style.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::pages {

struct Asset {
    std::string name;   // of the file: "style.css"
    std::string hashed; // as pages name it: "style-1f0c2a9b77de.css"
    std::string etag;   // with its quotes (RFC 9110 8.8.3)
    std::string content_type;
    std::string_view content;
};

[[nodiscard]] const std::vector<Asset>& assets();
// By either name; null for any other.
[[nodiscard]] const Asset* find_asset(std::string_view name);
// The path for a page; std::logic_error for a file that there is not.
[[nodiscard]] std::string asset_path(std::string_view name);

} // namespace provenbl::tools::pages
