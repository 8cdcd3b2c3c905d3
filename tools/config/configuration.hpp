// The whole configuration as plain values: what the YAML file says, with defaults filled in.
//
// Made by load.hpp alone, which has checked it; everybody else only reads.
#pragma once

#include "dnsbl/server.hpp"
#include "store/retention.hpp"
#include "store/store.hpp"
#include "tools/letters/settings.hpp"
#include "verifier/settings.hpp"
#include "zones/definition.hpp"
#include "zones/export/format.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools {

struct ApiSettings {
    std::filesystem::path socket = "/run/provenbl/api.sock"; // the operator's way in: everything
    unsigned socket_mode = 0660;
    std::vector<Endpoint> public_listen; // public routes only; empty: none
    std::size_t connection_limit = 256;
    std::size_t connections_per_client = 16;            // of one TCP client address
    std::size_t follower_limit = 64;                    // scans that are followed live at once
    std::size_t request_limit = std::size_t{64} * 1024; // bytes of body
    Duration request_timeout = std::chrono::seconds{10};
    Duration follow_limit = std::chrono::minutes{15};
};

// A zone that is published as a file whenever its serial has moved.
struct ExportSettings {
    std::string zone;
    std::optional<zones::exports::Format> format; // present once it has been checked
    zones::exports::Options options;
    std::filesystem::path file;
    Duration interval = std::chrono::minutes{1};
};

enum class LogFormat : std::uint8_t { text, json };

struct LogSettings {
    std::string level = "info"; // as spdlog names them
    LogFormat format = LogFormat::text;
};

struct Configuration {
    StoreOptions store; // with the data directory
    zones::ZoneSet zones;
    dnsbl::ServerSettings dns;
    verifier::VerifierSettings verifier;
    retention::Rules retention;
    letters::Settings letters;
    std::vector<ExportSettings> exports;
    ApiSettings api;
    LogSettings log;
};

// What a process does. `all` is one process for everything.
enum class Role : std::uint8_t { all, dns, verifier, api };

[[nodiscard]] constexpr bool serves_dns(Role role) {
    return role == Role::all || role == Role::dns;
}
[[nodiscard]] constexpr bool verifies(Role role) {
    return role == Role::all || role == Role::verifier;
}
[[nodiscard]] constexpr bool serves_api(Role role) {
    return role == Role::all || role == Role::api;
}

} // namespace provenbl::tools
