// The responder's figures for people: how fast, and each zone's answers.
#pragma once

#include "tools/cli/session.hpp"

namespace provenbl::tools::cli {

// `dns` as GET /v1/dns/statistics gives it; what is not in it is not said.
void show_dns(Terminal& terminal, const boost::json::object& dns);

} // namespace provenbl::tools::cli
