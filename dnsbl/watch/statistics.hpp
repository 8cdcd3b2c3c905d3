// What the server has done since it started, summed over its threads. Plain values; docs/observing.md says what
// each of them means.
#pragma once

#include "dnsbl/exchange.hpp"
#include "dnsbl/watch/kinds.hpp"
#include "dnsbl/watch/latency.hpp"
#include "store/address.hpp"
#include "store/clock.hpp"
#include "zones/static/zone_state.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::dnsbl {

// Answers, by what was asked for and what came of it.
struct AnswerCounts {
    std::array<std::uint64_t, watch::type_names.size()> types{};
    std::array<std::uint64_t, watch::result_names.size()> results{};

    [[nodiscard]] std::uint64_t of(watch::AnswerKind result) const { return results[static_cast<std::size_t>(result)]; }
    [[nodiscard]] std::uint64_t total() const {
        std::uint64_t sum = 0;
        for (const auto count : results) sum += count;
        return sum;
    }
};

struct ZoneStatistics {
    std::string apex; // empty: what belongs to none of our zones
    AnswerCounts answers;
};

struct QueryLogStatistics {
    std::uint64_t written = 0; // lines
    std::uint64_t dropped = 0; // records, because the writer or its disk was behind
};

struct DnstapStatistics {
    bool connected = false;
    std::uint64_t written = 0; // messages
    std::uint64_t dropped = 0; // without a connection, or with the collector behind
};

// What one address of a mirror was told, and said.
struct MirrorStatistics {
    std::string name;
    Endpoint address;
    std::size_t zones = 0;                 // that it is told of
    std::size_t answered_zones = 0;        // ... and for which the last message was answered
    std::optional<std::uint32_t> notified; // the newest serial that was sent
    Time sent{};
    Time answered_at{};
    std::uint64_t messages = 0;
    unsigned failures = 0;  // serials in a row that no answer came for
    std::uint8_t rcode = 0; // of an answer that was no success; 0: there is none
};

// What a mirror took; without a name: those who need no signature.
struct MirrorTransfers {
    std::string mirror;
    std::uint64_t whole = 0;       // zones
    std::uint64_t differences = 0; // ... or what had changed of them
    std::uint64_t broken = 0;      // neither, to the end
    std::uint64_t octets = 0;      // of DNS
    std::uint64_t records = 0;
    std::uint64_t messages = 0;
    std::chrono::milliseconds took{};
    Time last{};
};

struct TransferStatistics {
    std::vector<MirrorTransfers> served;
    std::array<std::uint64_t, refusal_names.size()> refused{}; // by Refusal
    // NOTIFY: changes that were told, and what came of it.
    std::uint64_t notified = 0;     // messages, those that were sent again included
    std::uint64_t notify_again = 0; // ... of them
    std::uint64_t acknowledged = 0;
    std::uint64_t unanswered = 0; // given up
};

// DNS over TLS.
struct TlsStatistics {
    std::uint64_t handshakes = 0; // that came to their end
    std::uint64_t failed = 0;     // ... and that did not
    Time expires{};               // of the certificate that is in force
    Time loaded{};
    std::string trouble; // why a newer one is not; empty: all is well
};

struct ServerStatistics {
    std::uint64_t udp_queries = 0; // messages that came, the dropped ones too
    std::uint64_t tcp_queries = 0;
    std::uint64_t noerror = 0; // answers, by rcode; the listed ones too
    std::uint64_t nxdomain = 0;
    std::uint64_t refused = 0;
    std::uint64_t formerr = 0;
    std::uint64_t listed = 0;
    std::uint64_t truncated = 0;
    std::uint64_t dropped = 0; // for whatever reason
    std::array<std::uint64_t, drop_names.size()> drops{};
    AnswerCounts answers;                                // of all zones
    std::vector<ZoneStatistics> zones;                   // as they are configured, then none
    std::vector<zones::statics::ZoneState> static_zones; // how their files stand
    watch::LatencySum udp_latency;
    watch::LatencySum tcp_latency;
    std::optional<QueryLogStatistics> query_log; // where it is on
    std::optional<DnstapStatistics> dnstap;
    std::vector<MirrorStatistics> mirrors;
    std::optional<TlsStatistics> tls; // where it is on
    TransferStatistics transfers;
};

// What was counted before, when other zones were served: added to the sums, and to zones of the same name. What a zone
// counted that is no more stays in the sums.
void add_past(ServerStatistics& to, const ServerStatistics& past);

} // namespace provenbl::dnsbl
