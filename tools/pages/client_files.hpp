// The settings of mail servers, filters and chat servers that use a list: the files of docs/clients, which the program
// holds, with the names and codes of a zone in the place of their placeholders. What /use shows, what it hands out as
// files, and what tests/interop/clients_test runs the real programs with are these very texts. Pure.
//
//   @ZONE@ @ASKED@    bl.example, and what is asked for: KEY.bl.example where the zone needs an access key
//   @SYMBOL@ @NAME@   bl_example, BL_EXAMPLE: for programs that take letters, digits and underscores
//   @POSTFIX_CODES@   127.0.0.[2;8..10]
//   @SENDMAIL_CODES@  `127.0.0.2.', `127.0.0.8.'
//   @CODES:BETWEEN@   127.0.0.2BETWEEN127.0.0.8
//   @PAGE:BEFORE|A@   BEFORE and the page about an address, which is written A; nothing where the zone has no page
//
// Lines with one of the following, as many as stand together, are repeated for each code of the zone:
//
//   @CODE@ @OCTET@ @CODE_PATTERN@     127.0.0.8, 8, 127\.0\.0\.8
//   @CLASS@ @CLASS_NAME@ @MEANING@    socks, SOCKS, 'an open SOCKS proxy'; several classes may share a code
#pragma once

#include "zones/definition.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provenbl::tools::pages {

// "postfix.cf", "exim.acl" ...
[[nodiscard]] std::vector<std::string_view> client_files();

// Empty for a name that is none of them, a zone without codes, a program that can't read the codes of this zone, and a
// file about access keys (its name ends with -key) where the zone needs none.
[[nodiscard]] std::optional<std::string> client_file(std::string_view name, const zones::ZoneDefinition& zone);

// "127.0.0.[2;8..10]": the codes of the zone as Postfix reads them.
[[nodiscard]] std::string postfix_pattern(const zones::ZoneDefinition& zone);

} // namespace provenbl::tools::pages
