// What an operator says about watching. docs/observing.md explains it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace provenbl::dnsbl::watch {

// Which messages are candidates; the sample is taken of these.
enum class Only : std::uint8_t { all, listed, refused, errors, dropped };

struct QueryLogSettings {
    std::string file = {};    // an absolute path, or "stderr"; empty: no log
    std::uint32_t sample = 1; // one in so many
    Only only = Only::all;
    bool anonymize = true;    // clients by network: /24 and /48
    bool json = false;        // one object a line, else words
    std::size_t queue = 2048; // records of one thread that may wait to be written; more are dropped
    [[nodiscard]] bool enabled() const { return !file.empty(); }
};

enum class DnstapMessages : std::uint8_t { all, queries, responses };

struct DnstapSettings {
    std::filesystem::path socket = {}; // a Unix socket that a collector listens on ...
    std::filesystem::path file = {};   // ... or a file; both empty: no dnstap
    std::uint32_t sample = 1;          // one in so many queries, with its answer
    DnstapMessages messages = DnstapMessages::all;
    std::string identity = {}; // empty: none is sent
    std::string version = {};
    [[nodiscard]] bool enabled() const { return !socket.empty() || !file.empty(); }
};

struct WatchSettings {
    QueryLogSettings query_log = {};
    DnstapSettings dnstap = {};
};

} // namespace provenbl::dnsbl::watch
