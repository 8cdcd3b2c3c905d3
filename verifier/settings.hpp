// What an operator can set about verifying. Plain values; tools/config reads them, defaults are here.
#pragma once

#include "store/address.hpp"
#include "store/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::verifier {

using namespace std::chrono_literals;

// Who we are, towards the hosts that we probe.
struct Identity {
    std::string probe_domain; // tokens are mailed to <token>@<probe_domain>
    std::string helo;         // our own name, in HELO/EHLO
    std::string contact;      // mail address of the operator
    std::string page;         // URL that explains the probing
    // The mail sink, as relays reach it without the probe domain's MX.
    std::string mail_exchanger{};
    std::vector<Address> mail_addresses{};
};

struct ProbeSettings {
    std::optional<Address> source4; // probes leave from here
    std::optional<Address> source6;
    // Where tunnels are asked to connect to, graver first: our own sinks as the suspect reaches them.
    std::vector<Endpoint> callback_targets;
    std::string callback_name{};           // a host in the probe domain, for proxies that go to names alone; or empty
    std::vector<Address> callback_named{}; // the addresses that it has there
    Duration connect_timeout = 5s;
    Duration read_timeout = 10s;                 // without a byte
    Duration conversation_timeout = 60s;         // from connect to the last byte
    Duration visit_timeout = 10min;              // nothing new is begun in a visit after this
    Duration nudge_after = 3s;                   // a granted tunnel that stays silent
    Duration mail_wait = 20s;                    // for accepted mail to arrive, while the visit is still on
    Duration mail_token_life = 7 * 24h;          // mail that arrives later than this counts for nothing
    std::size_t conversation_limit = 256 * 1024; // bytes read from one suspect
    bool thorough = false;                       // every technique, also those that wait for suspicion
};

// Every mail server trusts its own machine: what is asked from there is taken that a stranger would be refused.
[[nodiscard]] inline bool may_probe_from(const Address& source) {
    return source != Address::v4(127, 0, 0, 1) && source.to_string() != "::1";
}

// Addresses that may be probed although they are special-purpose (the lab's loopback), and the operator's
// own networks, that never are.
struct GateSettings {
    std::vector<Prefix> unlocked;
    std::vector<Prefix> own_networks;
};

struct SchedulerSettings {
    std::size_t concurrent_scans = 64;
    std::size_t concurrent_per_network = 4; // of one /24 or /48
};

struct MailSinkSettings {
    std::vector<Endpoint> listen;
    std::string hostname; // in the banner
    std::size_t line_limit = 1024;
    std::size_t message_limit = 256 * 1024;
    std::size_t command_limit = 100;
    std::size_t connection_limit = 256;
    std::size_t connections_per_client = 32;
    Duration command_timeout = 60s;
    Duration session_timeout = 5min;
};

struct CallbackSinkSettings {
    std::vector<Endpoint> listen;
    std::size_t connection_limit = 256;
    Duration timeout = 30s;
};

// The published rules of listing and delisting (RFC 6471 2.1); policy.hpp applies them.
struct PolicyRules {
    Duration rescan_interval = 24h;     // automated rescans come no more often (RFC 6471 3.6.2)
    unsigned silent_scans = 3;          // nothing answers, scans in a row: secured
    unsigned inconclusive_scans = 3;    // accepted but nothing arrives, scans in a row: secured
    Duration closed_port_spacing = 10s; // between an owner's confirming scans when ports are closed
    Duration silent_spacing = 24h;      // between scans that count when packets are dropped
    Duration unreachable_expiry = 14 * 24h;
    Duration retry_after = 10min;    // 'try again later' (greylisting)
    Duration flip_window = 30 * 24h; // a host relisted this soon after its delisting has flipped back
    unsigned flip_clean_scans = 2;   // clean scans in a row that it then needs
    Duration flip_spacing = 1h;
    Duration owner_spacing = 10s;     // between an owner's requests for one host, doubled while it is found open ...
    Duration owner_spacing_most = 1h; // ... up to this
    Duration proof_life = 30 * 24h;   // a way that was not proven again for so long is closed
    // The exit of a multi-stage relay or proxy, as `chain`. Off: whoever owns an open entry can send our token on
    // through any third party (a mail provider, a page fetcher), and one such path proves nothing against it.
    bool list_exits = false;

    // ---- reports ----
    unsigned reports_needed = 1;      // reporters who must name a host before it is visited; 1 or 2
    Duration report_spacing = 24h;    // reports provoke no more than one visit to a host in this time
    Duration report_window = 7 * 24h; // within which reporters must agree
    Duration low_trust_delay = 1h;    // a visit waits so long when its reporter is often wrong
    bool anonymous_reports = false;   // taken without a key?
    unsigned anonymous_per_hour = 60; // ... of all of them together
    unsigned anonymous_per_day = 500;
    bool manual_listing = false;     // may the operator list without proof?
    unsigned ipv6_granularity = 128; // what one listing of an IPv6 host covers: 128 or 64 bits
};

struct VerifierSettings {
    Identity identity;
    ProbeSettings probe;
    GateSettings gate;
    SchedulerSettings scheduler;
    MailSinkSettings mail_sink;
    CallbackSinkSettings callback_sink;
    PolicyRules policy;
};

} // namespace provenbl::verifier
