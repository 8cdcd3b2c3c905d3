// The draft that the table has read -> zones with their defaults filled in, then what no single setting can check.
#pragma once

#include "tools/config/table.hpp"

namespace provenbl::tools {

// Reads the list of zones over zone_defaults and fills in the probe domain.
void assemble_zones(Draft& draft, Reading& reading);

// Settings that must agree with each other; also puts our own addresses into gate.own_networks, so that a
// listing of our own sinks is impossible.
void cross_check(Draft& draft, Role role, Reading& reading);

} // namespace provenbl::tools
