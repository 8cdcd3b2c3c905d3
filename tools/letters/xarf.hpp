// A listed host as an XARF v4 report (category `vulnerability`, type `open_service`): the same that the letter says,
// for programs. Pure.
#pragma once

#include "tools/letters/compose.hpp"

#include <boost/json.hpp>

namespace provenbl::tools::letters {

// `number` tells reports of one letter apart.
[[nodiscard]] boost::json::object xarf_report(const Draft& draft, const ListedHost& host, std::size_t number);

} // namespace provenbl::tools::letters
