// The commands around published zones, in this process and beside a running server: export --zone, verify-export,
// signing-key.
#pragma once

#include "tools/cli/exit_code.hpp"
#include "tools/cli/store_place.hpp"
#include "tools/cli/terminal.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace provenbl::tools::cli {

struct ZoneExport {
    std::string zone;
    std::string format;
    std::string output; // "-": standard output, without a manifest
    std::optional<std::uint64_t> delta;
    std::string rpz_action;
    std::string rpz_trigger;
    std::string set;
};
[[nodiscard]] Exit export_zone(const StorePlace& place, const ZoneExport& request, Terminal& terminal, bool json);

struct VerifyExport {
    std::string file;
    std::string manifest; // empty: beside the file
    std::string key;      // a file, or the key itself in base64
};
[[nodiscard]] Exit verify_export(const VerifyExport& request, Terminal& terminal, bool json);

[[nodiscard]] Exit show_signing_key(const StorePlace& place, Terminal& terminal, bool json);

} // namespace provenbl::tools::cli
