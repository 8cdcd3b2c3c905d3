// The frame of every page: head, skip link, navigation, main part, footer. Pure.
#pragma once

#include "tools/config/configuration.hpp"
#include "tools/pages/html.hpp"

#include <string>
#include <string_view>

namespace provenbl::tools::pages {

// Who speaks on the pages.
struct Site {
    std::string name;
    std::string operator_name;
    std::string contact; // a mail address, or a URL
    std::string probing; // a URL that explains our probes
    std::string imprint;
    std::string privacy;
    std::string notice; // on every page
};
[[nodiscard]] Site site_of(const Configuration& configuration);

struct Page {
    std::string title;
    std::string_view here{}; // the path in the navigation that this page is
    Html content;
    unsigned refresh = 0; // seconds after which a browser without scripts loads it again; 0: never
    // Relative, and with no fragment: a browser that is sent to where it is, but for a fragment, loads nothing.
    std::string refresh_to;
    bool indexed = true; // may search engines keep it
};

// The whole document.
[[nodiscard]] std::string render(const Site& site, const Page& page);

// A time for readers and programs: <time datetime="...">.
[[nodiscard]] Html when(Time time);
// Only the day.
[[nodiscard]] Html day_of(Time time);

// What is not there, or went wrong.
[[nodiscard]] Page error_page(unsigned status, std::string_view reason, std::string_view detail);

} // namespace provenbl::tools::pages
