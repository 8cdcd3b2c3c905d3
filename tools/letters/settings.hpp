// What an operator can set about advisory letters. Plain values; tools/config reads them, defaults are here.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace provenbl::tools::letters {

using namespace std::chrono_literals;

enum class SmarthostTls : std::uint8_t { none, opportunistic, required };

struct Settings {
    bool enabled = false;   // may letters leave at all
    bool automatic = false; // one for each host that is listed by proof; otherwise only those that are asked for
    std::string smarthost;  // "mail.example.net:25": it takes our letters and delivers them
    SmarthostTls smarthost_tls = SmarthostTls::opportunistic;
    std::string user;                       // shown to the smarthost inside TLS; empty: it wants none
    std::filesystem::path password_file;    // of the user
    std::string from;                       // the address that people answer to; default: identity.contact
    std::string organization;               // who we are, in words
    std::string public_url;                 // "https://bl.example": pages are below it
    std::string language;                   // default of all letters; empty: by the contact's country, English as well
    std::filesystem::path templates;        // a directory whose files stand for the built-in ones
    std::filesystem::path contact_table;    // CSV: prefix,address
    std::string rdap = "https://rdap.org/"; // empty: nobody is asked
    Duration wait = 1h;                     // after a listing: who repairs at once needs no letter
    Duration contact_spacing = 24h;         // between two letters to one contact; meanwhile they gather
    std::size_t per_day = 500;              // mails
    std::size_t hosts_per_letter = 50;
    Duration retry_after = 1h;
    unsigned attempts = 24; // before a letter that no server takes is given up
    Duration timeout = 30s; // of one step with RDAP or the smarthost

    [[nodiscard]] bool operator==(const Settings&) const = default;
};

} // namespace provenbl::tools::letters
