// `mirror add`, `list`, `show`, `remove`, `status`: other servers that take whole zones from us.
#pragma once

#include "tools/cli/session.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace provenbl::tools::cli {

struct MirrorRequest {
    std::string name;
    std::string kind;
    std::vector<std::string> addresses;
    std::vector<std::string> from;
    std::vector<std::string> zones;
    std::string algorithm;
    std::string note;
    bool tls = false;                // its transfers go over TLS alone
    bool known = false;              // `status` tells what the daemon knows already
    std::uint32_t most_seconds = 60; // that a mirror may lag behind
};

// What asks a name server for a zone's serial (soa_query.hpp).
using AskSerial = std::function<Result<std::uint32_t>(const Endpoint& server, const std::string& zone)>;

// Prints what belongs into the mirror's configuration, and nothing else to standard output.
[[nodiscard]] Exit add_mirror(Session& session, const MirrorRequest& request);
[[nodiscard]] Exit list_mirrors(Session& session);
[[nodiscard]] Exit show_mirror(Session& session, const std::string& name);
[[nodiscard]] Exit remove_mirror(Session& session, const std::string& name);
// Asks every address of every mirror for every zone's serial, or tells what the daemon knows of it. Exit::behind when
// one is older than allowed, does not answer, or has a serial that we never had.
[[nodiscard]] Exit mirror_status(Session& session, const MirrorRequest& request, const AskSerial& ask_serial);

} // namespace provenbl::tools::cli
