// The commands, one function each. Arguments have been parsed by app.cpp; what comes back is the exit status.
#pragma once

#include "store/address.hpp"
#include "tools/cli/session.hpp"
#include "tools/config/configuration.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace provenbl::tools::cli {

// ---- clients of the API ---------------------------------------------------------------------------------

[[nodiscard]] Exit lookup(Session& session, const Address& address);
[[nodiscard]] Exit show_evidence(Session& session, const Address& address, bool with_message);
[[nodiscard]] Exit show_history(Session& session, const Address& address);
[[nodiscard]] Exit why(Session& session, const Address& address);

struct ReportRequest {
    Address address;
    std::vector<std::uint16_t> ports;
    std::string comment;
    bool follow = false;
};
[[nodiscard]] Exit report(Session& session, const ReportRequest& request);
[[nodiscard]] Exit delist(Session& session, const Address& address);

struct ExcludeRequest {
    std::string prefix; // empty: list
    std::string reason;
    std::string until;
    std::string by;
    bool remove = false;
};
[[nodiscard]] Exit exclude(Session& session, const ExcludeRequest& request);

struct KeyRequest {
    std::string name;
    std::uint32_t per_second = 0; // 0: no limit
    std::uint64_t per_day = 0;
    std::string note;
};
[[nodiscard]] Exit add_key(Session& session, const KeyRequest& request);
[[nodiscard]] Exit list_keys(Session& session);
[[nodiscard]] Exit revoke_key(Session& session, const std::string& name);
[[nodiscard]] Exit status(Session& session);

// ---- in this process ------------------------------------------------------------------------------------

// Complains of every problem and gives nothing when there is one.
[[nodiscard]] std::optional<Configuration> configuration_or_complaints(Terminal& terminal, const std::string& file,
                                                                       Role role);
[[nodiscard]] Exit check_config(Terminal& terminal, const std::string& file, Role role, bool json);
// Every setting of a configuration file.
[[nodiscard]] Exit show_reference(Terminal& terminal, bool json);

struct ProbeCommand {
    std::string file;
    Address address;
    std::vector<std::uint16_t> ports;
    std::vector<std::string> techniques;
};
[[nodiscard]] Exit probe(Terminal& terminal, const ProbeCommand& command, bool json);

} // namespace provenbl::tools::cli
