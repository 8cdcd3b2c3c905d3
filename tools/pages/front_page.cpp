#include "tools/pages/front_page.hpp"

#include <fmt/format.h>

namespace provenbl::tools::pages {
namespace {

constexpr std::size_t asked_most = 100;

Html form(const FrontView& view) {
    const bool wrong = !view.mistake.empty();
    Attributes input{{"type", "text"},
                     {"id", "address"},
                     {"name", "address"},
                     {"required", ""},
                     {"maxlength", "100"},
                     {"autocomplete", "off"},
                     {"autocapitalize", "none"},
                     {"spellcheck", "false"},
                     {"aria-describedby", wrong ? "mistake address-hint" : "address-hint"}};
    if (!view.asked.empty()) input.push_back({"value", view.asked.substr(0, asked_most)});
    if (wrong) input.push_back({"aria-invalid", "true"});
    Html inside = element("label", {{"for", "address"}}, "IPv4 or IPv6 address");
    if (wrong) inside += element("p", {{"id", "mistake"}, {"role", "alert"}}, excerpt(view.mistake, 500));
    inside +=
        element("div", {{"class", "row"}}, element("input", input), element("button", {{"type", "submit"}}, "Look up"));
    inside += element("p", {{"id", "address-hint"}, {"class", "quiet"}}, "For example 192.0.2.25 or 2001:db8::25.");
    return element("form", {{"id", "lookup-form"}, {"method", "get"}, {"action", "/lookup"}, {"role", "search"}},
                   inside);
}

} // namespace

Page front_page(const Site& site, const Configuration& configuration, const FrontView& view) {
    Page page;
    page.title = "Look up an address";
    page.here = "/";
    page.content = tag("h1", "Is an address listed, and why?");
    page.content += form(view);
    if (view.visitor) {
        const auto own = view.visitor->to_string();
        page.content +=
            tag("p", "You come from ", element("a", {{"href", "/" + own}, {"id", "own-address"}}, own), ".");
    }
    page.content += tag("h2", "What this list is");
    page.content +=
        tag("p", site.name,
            " lists open mail relays and open proxies: machines through which anybody can send mail or reach "
            "others under a strange name. Every listing is proven: a secret that we sent through the machine "
            "arrived at our own receivers. No report and no suspicion lists anything.");
    page.content += tag("ul", tag("li", link("/criteria", "What is listed, what is not, and how a listing ends")),
                        tag("li", link("/use", "How mail servers use it")),
                        tag("li", link("/statistics", "What is on it, and how fast things come off")),
                        tag("li", link("/mirrors", "The zones and how to mirror them")));
    const auto& zones = configuration.zones.zones;
    if (!zones.empty()) {
        page.content += tag("h2", "For owners of a listed machine");
        page.content +=
            tag("p", "The page of your address says what was proven and how to close it. Close it, press the button, "
                     "and the listing ends as soon as a visit finds it closed: no form, no account, no fee.");
    }
    return page;
}

} // namespace provenbl::tools::pages
