// Following a visit live: each step on the screen as the server commits it.
#pragma once

#include "tools/cli/session.hpp"

namespace provenbl::tools::cli {

// The data of the `finished` event; otherwise the complaint has been made. A stream that ends early (a server that
// restarts, a visit that lasts) is taken up again. Whoever stops watching is told the command that comes back to it.
[[nodiscard]] Asked follow_scan(Session& session, const Address& address, std::int64_t scan_id,
                                std::string_view way_back);

// "  smtp-relay/plain   port 25    refused    554 ..."; on a narrow screen several lines; for `probe` as well.
[[nodiscard]] std::string step_line(const Terminal& terminal, const boost::json::object& step);

} // namespace provenbl::tools::cli
