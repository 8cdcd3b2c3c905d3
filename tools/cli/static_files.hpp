// Reads the files of static zones to say what is right and wrong with them: for check-config, and for who comes from
// rbldnsd (`import --format rbldnsd`).
#pragma once

#include "store/clock.hpp"
#include "tools/cli/exit_code.hpp"
#include "tools/cli/terminal.hpp"
#include "zones/definition.hpp"
#include "zones/static/library.hpp"

#include <string>
#include <vector>

namespace provenbl::tools::cli {

struct CheckedSet {
    std::string setting; // "static_zones[0].files[1]"
    zones::statics::LoadedSet loaded;
};
struct CheckedZone {
    std::vector<CheckedSet> sets;
    std::string trouble; // what is wrong with the zone as a whole; empty when nothing is
    std::size_t entries = 0;
    [[nodiscard]] bool good() const;
};
// In order. A set that is in several zones is read for each.
[[nodiscard]] std::vector<CheckedZone> check_static_zones(const std::vector<zones::StaticZoneDefinition>& zones,
                                                          Time now);

struct RbldnsdImport {
    std::string type;                   // of all files, which then are one set; else `arguments` are rbldnsd's own
    std::vector<std::string> arguments; // files, or "zone:type:file,file"
    std::size_t error_limit = 100;
};
// Reports what is in the files, every bad line, and the configuration that serves them. Changes nothing.
[[nodiscard]] Exit import_rbldnsd(const RbldnsdImport& given, Terminal& terminal, bool json);

} // namespace provenbl::tools::cli
