// Advisory letters to the owners of listed hosts.
#include "tools/config/sections.hpp"
#include "tools/letters/credentials.hpp"

namespace provenbl::tools {

using namespace types;

namespace {

Type<letters::SmarthostTls> smarthost_tls() {
    using letters::SmarthostTls;
    return scalar<SmarthostTls>(
        "none, opportunistic or required",
        [](std::string_view text) -> Result<SmarthostTls> {
            if (text == "none") return SmarthostTls::none;
            if (text == "opportunistic") return SmarthostTls::opportunistic;
            if (text == "required") return SmarthostTls::required;
            return Error{Errc::invalid, fmt::format("'{}' is unknown", text)};
        },
        [](const SmarthostTls& value) {
            return std::string{value == SmarthostTls::none            ? "none"
                               : value == SmarthostTls::opportunistic ? "opportunistic"
                                                                      : "required"};
        });
}

// A host name or address with a port.
Type<std::string> host_and_port() {
    return scalar<std::string>(
        "a mail server and its port such as mail.example.net:25",
        [](std::string_view text) -> Result<std::string> {
            if (Endpoint::parse(text)) return std::string{text};
            const auto colon = text.rfind(':');
            if (colon == std::string_view::npos) return Error{Errc::invalid, fmt::format("'{}' has no port", text)};
            const auto host = parse_host_name(text.substr(0, colon));
            if (!host) return host.error();
            const auto port = parse_number(text.substr(colon + 1));
            if (!port || *port < 1 || *port > 65535)
                return Error{Errc::invalid, fmt::format("'{}' has no port from 1 to 65535", text)};
            return std::string{text};
        },
        [](const std::string& value) { return value; });
}

} // namespace

const Table<letters::Settings>& letter_settings() {
    using T = letters::Settings;
    static const Table<T> table{
        setting<T>("enabled", boolean(), PROVENBL_FIELD(enabled), "May letters to the owners of listed hosts leave?"),
        setting<T>("automatic", boolean(), PROVENBL_FIELD(automatic),
                   "One for each host that is listed by proof; otherwise those of `provenbl letter send` alone."),
        setting<T>("smarthost", host_and_port(), PROVENBL_FIELD(smarthost),
                   "The mail server that takes our letters and delivers them."),
        setting<T>("smarthost_tls", smarthost_tls(), PROVENBL_FIELD(smarthost_tls),
                   "TLS to the smarthost (at once on port 465); required also looks at its certificate."),
        setting<T>("user", plain_text("a user's name", letters::longest_credential), PROVENBL_FIELD(user),
                   "Shown to the smarthost with the password, inside TLS and to a good certificate alone."),
        setting<T>("password_file", absolute_path(), PROVENBL_FIELD(password_file),
                   "Its first line is the user's password; nobody but its owner and group may reach it."),
        setting<T>("from", mail_address(), PROVENBL_FIELD(from),
                   "Where answers go; somebody reads them. Default: identity.contact."),
        setting<T>("organization", text("a name such as Example Blocklist"), PROVENBL_FIELD(organization),
                   "Who we are. Default: the first zone's name."),
        setting<T>("public_url", page(), PROVENBL_FIELD(public_url),
                   "Where the public API is reached; pages are at URL/ADDRESS."),
        setting<T>("language", text("a language such as en"), PROVENBL_FIELD(language),
                   "Of all letters. Default: as the contact's domain suggests, with English below it."),
        setting<T>("templates", absolute_path(), PROVENBL_FIELD(templates),
                   "A directory of LANGUAGE.letter files that stand for the built-in ones."),
        setting<T>("contact_table", absolute_path(), PROVENBL_FIELD(contact_table),
                   "Lines of prefix,address: whom to write to, where RDAP names nobody."),
        setting<T>("rdap",
                   scalar<std::string>(
                       "a URL such as https://rdap.org/, or none",
                       [](std::string_view text) -> Result<std::string> {
                           if (text == "none") return std::string{};
                           return parse_page(text);
                       },
                       [](const std::string& value) { return value.empty() ? std::string{"none"} : value; }),
                   PROVENBL_FIELD(rdap), "The RDAP server that is asked for abuse contacts (RFC 9083)."),
        setting<T>("wait", duration(0s, 30 * day), PROVENBL_FIELD(wait),
                   "Between the listing and the letter: who repairs at once needs none."),
        setting<T>("contact_spacing", duration(0s, 30 * day), PROVENBL_FIELD(contact_spacing),
                   "Between two letters to one contact; hosts gather meanwhile."),
        setting<T>("per_day", number<std::size_t>(1, 1'000'000), PROVENBL_FIELD(per_day), "Letters in a day (UTC)."),
        setting<T>("hosts_per_letter", number<std::size_t>(1, 1000), PROVENBL_FIELD(hosts_per_letter),
                   "Hosts in one letter."),
        setting<T>("retry_after", duration(1s, 7 * day), PROVENBL_FIELD(retry_after), "When no server took a letter."),
        setting<T>("attempts", number<unsigned>(1, 1000), PROVENBL_FIELD(attempts),
                   "Before a letter that no server takes is given up."),
        setting<T>("timeout", duration(1s, 10min), PROVENBL_FIELD(timeout),
                   "Of one step with the smarthost or an RDAP server."),
    };
    return table;
}

} // namespace provenbl::tools
