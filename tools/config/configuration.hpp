// The whole configuration as plain values: what the YAML file says, with defaults filled in.
//
// Made by load.hpp alone, which has checked it; everybody else only reads.
#pragma once

#include "dnsbl/server.hpp"
#include "store/retention.hpp"
#include "store/store.hpp"
#include "tools/intake/mail_settings.hpp"
#include "tools/intake/settings.hpp"
#include "tools/letters/settings.hpp"
#include "tools/metrics/settings.hpp"
#include "tools/origins/settings.hpp"
#include "tools/pages/settings.hpp"
#include "tools/workers/settings.hpp"
#include "verifier/settings.hpp"
#include "verifier/trap_settings.hpp"
#include "zones/definition.hpp"
#include "zones/export/format.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools {

// Token buckets of each client address (IPv6: of its /64); 0: no limit.
struct ApiLimits {
    std::uint32_t lookups_per_minute = 600;
    std::uint32_t rescans_per_hour = 60;
    std::uint32_t reports_per_minute = 120;
    std::size_t table_size = 65'536; // buckets remembered at once

    friend bool operator==(const ApiLimits&, const ApiLimits&) = default;
};

// HTTPS for the public routes, without a proxy in front. No endpoint: none.
struct ApiTls {
    std::vector<Endpoint> listen;
    std::filesystem::path certificate; // PEM, with its chain
    std::filesystem::path key;
    Duration hsts = std::chrono::hours{24 * 365}; // RFC 6797; 0: not said
};

enum class ForwardedHeader : std::uint8_t { x_forwarded_for, forwarded };

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
    std::vector<Prefix> trusted_proxies; // whose word on the client's address is taken
    ForwardedHeader forwarded_header = ForwardedHeader::x_forwarded_for;
    ApiLimits limits;
    ApiTls tls;
};

// A zone that is published as a file whenever its serial has moved.
struct ExportSettings {
    std::string zone;
    std::optional<zones::exports::Format> format; // present once it has been checked
    zones::exports::Options options;
    std::filesystem::path file;
    Duration interval = std::chrono::minutes{1};
};

// How the daemon watches mirrors.
struct MirrorWatchSettings {
    Duration interval = std::chrono::seconds{30};
    Duration alert_after = std::chrono::minutes{10};
    bool is_public = false;
};

// What a process keeps of what it was started with (daemon/sandbox).
struct ServiceSettings {
    std::string user;    // becomes this user when it was started as root; empty: stays
    bool sandbox = true; // confines files and system calls
};

enum class LogFormat : std::uint8_t { text, json };

struct LogSettings {
    std::string level = "info"; // as spdlog names them
    LogFormat format = LogFormat::text;
    std::map<std::string, std::string> levels; // by part (store/log.hpp); what is not there has `level`
    bool personal = false;                     // addresses of clients and contacts whole
};

struct Configuration {
    StoreOptions store; // with the data directory
    ServiceSettings service;
    zones::ZoneSet zones;
    dnsbl::ServerSettings dns;
    verifier::VerifierSettings verifier;
    retention::Rules retention;
    letters::Settings letters;
    std::vector<ExportSettings> exports;
    MirrorWatchSettings mirrors;
    ApiSettings api;
    pages::Settings pages;
    origins::Settings statistics;
    metrics::Settings metrics;
    intake::Settings intake;
    LogSettings log;
    intake::MailSettings intake_mail; // `intake.mail`
    verifier::TrapSettings traps;
    int nice = 0; // by how much everything but the answers of DNS gives way (tools/daemon/precedence.hpp)
    workers::Settings workers;
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
