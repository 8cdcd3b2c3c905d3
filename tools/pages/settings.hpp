// Who speaks on the pages, and what they say on each of them. Made by the configuration, which has checked it.
#pragma once

#include <string>

namespace provenbl::tools::pages {

// Empty: not said, or taken from elsewhere (page.cpp).
struct Settings {
    std::string operator_name;
    std::string contact; // a mail address, or a URL
    std::string imprint; // URLs
    std::string privacy;
    std::string notice; // plain text, on every page
};

} // namespace provenbl::tools::pages
