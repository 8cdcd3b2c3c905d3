// Verifying: identity, probe, gate, scheduler, the sinks, policy.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

const Table<verifier::Identity>& identity_settings() {
    using T = verifier::Identity;
    static const Table<T> table{
        setting<T>("probe_domain", host_name(), PROVENBL_FIELD(probe_domain),
                   "Tokens are mailed to <token>@<probe_domain>."),
        setting<T>("helo", host_name(), PROVENBL_FIELD(helo),
                   "Our own name, in EHLO; its address should resolve back to it."),
        setting<T>("contact", mail_address(), PROVENBL_FIELD(contact), "A mailbox that the operator reads."),
        setting<T>("page", page(), PROVENBL_FIELD(page), "A page that explains the probing."),
    };
    return table;
}

const Table<verifier::ProbeSettings>& probe_settings() {
    using T = verifier::ProbeSettings;
    static const Table<T> table{
        setting<T>("source4", optional(address()), PROVENBL_FIELD(source4), "IPv4 probes leave from here."),
        setting<T>("source6", optional(address()), PROVENBL_FIELD(source6), "IPv6 probes leave from here."),
        setting<T>("callback_targets", list(endpoint(), 16), PROVENBL_FIELD(callback_targets),
                   "Our callback sink as suspects reach it; port 25 first, it is the graver finding."),
        setting<T>("connect_timeout", duration(100ms, 1min), PROVENBL_FIELD(connect_timeout),
                   "For a connection to open."),
        setting<T>("read_timeout", duration(100ms, 5min), PROVENBL_FIELD(read_timeout),
                   "Without a byte from the suspect."),
        setting<T>("visit_timeout", duration(10s, day), PROVENBL_FIELD(visit_timeout),
                   "Nothing new is begun in a visit after this."),
        setting<T>("conversation_timeout", duration(1s, 15min), PROVENBL_FIELD(conversation_timeout),
                   "From the first byte to the last."),
        setting<T>("nudge_after", duration(50ms, 1min), PROVENBL_FIELD(nudge_after),
                   "A granted tunnel that stays silent is spoken to."),
        setting<T>("mail_wait", duration(0ms, 10min), PROVENBL_FIELD(mail_wait),
                   "For accepted mail to arrive while the visit is still on."),
        setting<T>("mail_token_life", duration(1min, 30 * day), PROVENBL_FIELD(mail_token_life),
                   "Mail that arrives later counts for nothing."),
        setting<T>("conversation_limit", types::size(4096, 64ULL << 20U), PROVENBL_FIELD(conversation_limit),
                   "Bytes read from one suspect in one conversation."),
        setting<T>("thorough", boolean(), PROVENBL_FIELD(thorough),
                   "Try every technique on every host, the rare ones too: many more connections."),
    };
    return table;
}

const Table<verifier::GateSettings>& gate_settings() {
    using T = verifier::GateSettings;
    const auto prefixes = [] { return list(prefix(), 10'000, Prefix::of(Address{}, 32)); };
    static const Table<T> table{
        setting<T>("unlocked", prefixes(), PROVENBL_FIELD(unlocked),
                   "Special-purpose prefixes that may be probed all the same: for a lab, never in production."),
        setting<T>("own_networks", prefixes(), PROVENBL_FIELD(own_networks),
                   "Never probed and never listed. The addresses of our own sinks and probes always belong to them."),
    };
    return table;
}

const Table<verifier::SchedulerSettings>& scheduler_settings() {
    using T = verifier::SchedulerSettings;
    static const Table<T> table{
        setting<T>("concurrent_scans", number<std::size_t>(1, 10'000), PROVENBL_FIELD(concurrent_scans),
                   "Visits at once, in total."),
        setting<T>("concurrent_per_network", number<std::size_t>(1, 10'000), PROVENBL_FIELD(concurrent_per_network),
                   "Visits at once within one /24 or /48."),
    };
    return table;
}

const Table<verifier::MailSinkSettings>& mail_sink_settings() {
    using T = verifier::MailSinkSettings;
    static const Table<T> table{
        setting<T>("listen", list(endpoint(), 64), PROVENBL_FIELD(listen), "Where the mail sink listens."),
        setting<T>("hostname", host_name(), PROVENBL_FIELD(hostname),
                   "Its name in the banner. Default: probe_domain.mail_exchanger."),
        setting<T>("line_limit", types::size(512, 64ULL << 10U), PROVENBL_FIELD(line_limit),
                   "Longest line of a command."),
        setting<T>("message_limit", types::size(4096, 64ULL << 20U), PROVENBL_FIELD(message_limit), "Largest message."),
        setting<T>("command_limit", number<std::size_t>(10, 100'000), PROVENBL_FIELD(command_limit),
                   "Commands in one session."),
        setting<T>("connection_limit", number<std::size_t>(1, 100'000), PROVENBL_FIELD(connection_limit),
                   "Sessions at once."),
        setting<T>("connections_per_client", number<std::size_t>(1, 100'000), PROVENBL_FIELD(connections_per_client),
                   "Sessions at once from one address."),
        setting<T>("command_timeout", duration(1s, 10min), PROVENBL_FIELD(command_timeout), "For the next command."),
        setting<T>("session_timeout", duration(1s, 1h), PROVENBL_FIELD(session_timeout), "For a whole session."),
    };
    return table;
}

const Table<verifier::CallbackSinkSettings>& callback_sink_settings() {
    using T = verifier::CallbackSinkSettings;
    static const Table<T> table{
        setting<T>("listen", list(endpoint(), 64), PROVENBL_FIELD(listen),
                   "Where the callback sink listens, on TCP and on UDP."),
        setting<T>("connection_limit", number<std::size_t>(1, 100'000), PROVENBL_FIELD(connection_limit),
                   "Connections at once."),
        setting<T>("timeout", duration(1s, 10min), PROVENBL_FIELD(timeout), "For a token to be said."),
    };
    return table;
}

const Table<verifier::PolicyRules>& policy_settings() {
    using T = verifier::PolicyRules;
    static const Table<T> table{
        setting<T>("rescan_interval", duration(1s, 30 * day), PROVENBL_FIELD(rescan_interval),
                   "Automated rescans come no more often (RFC 6471 3.6.2: 24h)."),
        setting<T>("silent_scans", number<unsigned>(1, 100), PROVENBL_FIELD(silent_scans),
                   "Nothing answers on so many scans in a row: secured."),
        setting<T>("inconclusive_scans", number<unsigned>(1, 100), PROVENBL_FIELD(inconclusive_scans),
                   "Accepted but nothing arrives on so many scans in a row: secured."),
        setting<T>("closed_port_spacing", duration(0ms, day), PROVENBL_FIELD(closed_port_spacing),
                   "Between an owner's confirming scans when the ports are closed."),
        setting<T>("silent_spacing", duration(0ms, 7 * day), PROVENBL_FIELD(silent_spacing),
                   "Between scans that count when packets are dropped."),
        setting<T>("unreachable_expiry", duration(1h, 365 * day), PROVENBL_FIELD(unreachable_expiry),
                   "A host that nobody can reach for so long is delisted."),
        setting<T>("proof_life", duration(day, 365 * day), PROVENBL_FIELD(proof_life),
                   "A way that was not proven again for so long is closed."),
        setting<T>("retry_after", duration(1s, day), PROVENBL_FIELD(retry_after),
                   "After 'try again later' (greylisting)."),
        setting<T>("flip_window", duration(0ms, 365 * day), PROVENBL_FIELD(flip_window),
                   "Listed again this soon after a delisting: it has flipped back."),
        setting<T>("flip_clean_scans", number<unsigned>(1, 100), PROVENBL_FIELD(flip_clean_scans),
                   "Clean scans in a row that it then needs."),
        setting<T>("flip_spacing", duration(0ms, 7 * day), PROVENBL_FIELD(flip_spacing), "Between those scans."),
        setting<T>("owner_spacing", duration(1s, day), PROVENBL_FIELD(owner_spacing),
                   "Between an owner's requests for one host; doubled while it is found open ..."),
        setting<T>("owner_spacing_most", duration(1s, 7 * day), PROVENBL_FIELD(owner_spacing_most), "... up to this."),
        setting<T>("list_exits", boolean(), PROVENBL_FIELD(list_exits),
                   "List the exit of a multi-stage relay or proxy, as chain."),
        setting<T>("reports_needed", number<unsigned>(1, 2), PROVENBL_FIELD(reports_needed),
                   "Reporters who must name a host before it is visited; a trap of ours and the operator count alone."),
        setting<T>("report_spacing", duration(0ms, 30 * day), PROVENBL_FIELD(report_spacing),
                   "Reports provoke no more than one visit to a host in this time (RFC 6471 3.6.1)."),
        setting<T>("report_window", duration(1h, 90 * day), PROVENBL_FIELD(report_window),
                   "Within which reporters must agree."),
        setting<T>("low_trust_delay", duration(0ms, 7 * day), PROVENBL_FIELD(low_trust_delay),
                   "A visit waits so long when its reporter is often wrong."),
        setting<T>("anonymous_reports", boolean(), PROVENBL_FIELD(anonymous_reports),
                   "Take reports from those who have no key."),
        setting<T>("anonymous_per_hour", number<unsigned>(1, 1'000'000), PROVENBL_FIELD(anonymous_per_hour),
                   "Such reports in an hour, of all together."),
        setting<T>("anonymous_per_day", number<unsigned>(1, 10'000'000), PROVENBL_FIELD(anonymous_per_day),
                   "Such reports in a day, of all together."),
        setting<T>("manual_listing", boolean(), PROVENBL_FIELD(manual_listing),
                   "The operator may list by hand, without proof; always with a reason and an end."),
        setting<T>("ipv6_granularity",
                   scalar<unsigned>(
                       "128 or 64",
                       [](std::string_view text) -> Result<unsigned> {
                           if (text == "128") return 128U;
                           if (text == "64") return 64U;
                           return Error{Errc::invalid, fmt::format("'{}' is neither", text)};
                       },
                       [](const unsigned& value) { return fmt::format("{}", value); }),
                   PROVENBL_FIELD(ipv6_granularity),
                   "What one listing of an IPv6 host covers: the address, or its /64."),
    };
    return table;
}

} // namespace provenbl::tools
