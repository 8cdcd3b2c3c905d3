// Records <-> JSON objects, one list of fields for both directions. Pure.
//
// Times are RFC 3339 in UTC with milliseconds; a member that has its default is left out. Text that is not plain UTF-8
// (a mail as it arrived) stands as {"base64": "..."}, so that nothing is lost.
#pragma once

#include "store/transfer.hpp"

#include <boost/json.hpp>

namespace provenbl::tools::transfer {

// With "type" in front: "exclusion", "audit", "change", "evidence", "host", "report", "mirror". Without `with_private`,
// who reported, what they said, which operator acted, and the keys of mirrors are left out.
[[nodiscard]] boost::json::object to_json(const provenbl::transfer::Record& record, bool with_private);
// Error invalid: an unknown type or member, a value that is none of its kind.
[[nodiscard]] Result<provenbl::transfer::Record> from_json(const boost::json::object& object);

[[nodiscard]] boost::json::object to_json(const provenbl::transfer::Header& header);
[[nodiscard]] Result<provenbl::transfer::Header> header_from_json(const boost::json::object& object);

} // namespace provenbl::tools::transfer
