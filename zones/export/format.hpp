// The formats in which a zone is published as a file, and the one way to write them.
//
// Each has a file of its own below this folder and docs/exports.md says who reads it. Everything streams: memory does
// not grow with the list. The outcome depends on the zone, the snapshot and the options alone, so two exports of one
// serial are equal octet by octet.
#pragma once

#include "zones/export/changes.hpp"
#include "zones/export/entries.hpp"
#include "zones/export/output.hpp"
#include "zones/rpz.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace provenbl::zones::exports {

enum class Format : std::uint8_t {
    rbldnsd,  // a `combined` dataset: everything that the zone is
    bind,     // a master file (RFC 1035 section 5): everything that the zone is
    rpz,      // a master file of a response policy zone
    cidr,     // prefixes, one a line, put together where they are neighbours
    postfix,  // cidr_table(5), with a text for the client
    nftables, // commands for `nft -f` that fill two sets in one transaction
    ipset,    // commands for `ipset restore` that fill two sets and swap them in
    json,     // one object a line
    csv,      // RFC 4180
};
inline constexpr std::array all_formats{Format::rbldnsd,  Format::bind,  Format::rpz,  Format::cidr, Format::postfix,
                                        Format::nftables, Format::ipset, Format::json, Format::csv};

[[nodiscard]] std::string_view to_string(Format format);
[[nodiscard]] std::optional<Format> parse_format(std::string_view text);
// Whether what has changed can be said in it, too; rbldnsd, zone files and tables are only ever whole.
[[nodiscard]] bool tells_changes(Format format);

struct Options {
    rpz::Trigger rpz_trigger = rpz::Trigger::client_ip;
    rpz::Action rpz_action = rpz::Action::nxdomain;
    // nftables and ipset: the sets are NAME_4 and NAME_6. Empty: the zone's name, with '_' for what is no letter or
    // digit.
    std::string set;
};

struct Written {
    std::uint64_t entries = 0; // listings (of changes: what was listed, changed or delisted); test entries don't count
    std::uint64_t bytes = 0;
};

// Whether the zone can be written so: error invalid, with what to do, for one that lists nothing (a probe domain), a
// set's name that nft or ipset refuses ...
[[nodiscard]] Result<> check(const Zone& zone, Format format, const Options& options);

// Errors: what `check` finds, what `take` answers (after which it is not called again).
Result<Written> write(const View& view, Format format, const Options& options, const Output::Take& take);
// Only in a format that tells changes. `view` is of the snapshot that the changes lead to.
Result<Written> write_changes(const View& view, const Changes& changes, Format format, const Options& options,
                              const Output::Take& take);

} // namespace provenbl::zones::exports
