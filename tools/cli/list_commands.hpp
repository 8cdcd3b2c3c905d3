// Commands of the operator about the list as a whole, and its register of reporters.
#pragma once

#include "store/address.hpp"
#include "tools/cli/session.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace provenbl::tools::cli {

// ---- list_commands.cpp ----

struct ManualRequest {
    Address address;
    std::string cls;
    std::string reason; // of `unlist`: the note
    std::string expires;
    std::string by;
};
[[nodiscard]] Exit list_manually(Session& session, const ManualRequest& request);
[[nodiscard]] Exit end_manual(Session& session, const ManualRequest& request);

struct PurgeRequest {
    std::string since, until, technique, reporter, actor, prefix;
    std::string note;
    std::string by;
    std::uint64_t resume = 0;
    bool dry_run = false;
};
[[nodiscard]] Exit purge(Session& session, const PurgeRequest& request);

struct NoteRequest {
    std::string note;
    std::string by;
};
[[nodiscard]] Exit shut_down_list(Session& session, const NoteRequest& request);
[[nodiscard]] Exit resume_list(Session& session, const NoteRequest& request);
[[nodiscard]] Exit show_notices(Session& session);

// ---- reporter_commands.cpp ----

struct ReporterRequest {
    std::string name;
    std::optional<std::uint32_t> per_hour;
    std::optional<std::uint32_t> per_day;
    std::string note;
    bool trap = false;
    bool no_trap = false;
    bool forgive = false;
};
[[nodiscard]] Exit add_reporter(Session& session, const ReporterRequest& request);
[[nodiscard]] Exit list_reporters(Session& session);
[[nodiscard]] Exit change_reporter(Session& session, const ReporterRequest& request);
[[nodiscard]] Exit revoke_reporter(Session& session, const ReporterRequest& request);

} // namespace provenbl::tools::cli
