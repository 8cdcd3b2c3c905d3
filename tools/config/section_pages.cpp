// Who speaks on the pages for people.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

namespace {

Type<std::string> mail_or_page() {
    return scalar<std::string>(
        "a mail address, or a URL such as https://bl.example/contact",
        [](std::string_view given) -> Result<std::string> {
            if (given.find("://") != std::string_view::npos) return parse_page(given);
            return parse_mail_address(given);
        },
        [](const std::string& value) { return value; });
}

} // namespace

const Table<pages::Settings>& pages_settings() {
    using T = pages::Settings;
    static const Table<T> table{
        setting<T>("operator", plain_text("a name such as Example Blocklist Foundation", 100),
                   PROVENBL_FIELD(operator_name), "Who runs the list. Default: letters.organization."),
        setting<T>("contact", mail_or_page(), PROVENBL_FIELD(contact),
                   "Where people turn to. Default: identity.contact."),
        setting<T>("imprint", page(), PROVENBL_FIELD(imprint), "A page that says who is answerable."),
        setting<T>("privacy", page(), PROVENBL_FIELD(privacy), "A page about personal data."),
        setting<T>("notice", plain_text("a text of at most 500 bytes", 500), PROVENBL_FIELD(notice),
                   "Shown on every page, as plain text."),
    };
    return table;
}

} // namespace provenbl::tools
