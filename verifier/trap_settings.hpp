// What an operator can set about traps (trap_reports.hpp).
#pragma once

#include <string>
#include <vector>

namespace provenbl::verifier {

struct TrapSettings {
    std::vector<std::string> addresses; // "name@domain", or "@domain" for all of it; in lower case
    std::string reporter = "traps";     // whose word it is
};

} // namespace provenbl::verifier
