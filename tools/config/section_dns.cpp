// The responder: dns.
#include "tools/config/sections.hpp"

#include <array>

namespace provenbl::tools {

using namespace types;

namespace {

using dnsbl::guard::AccessAction;
using dnsbl::guard::AccessRule;
using dnsbl::guard::RateLimitSettings;

Type<AccessAction> access_action() {
    return scalar<AccessAction>(
        "allow, refuse, drop or answer",
        [](std::string_view text) -> Result<AccessAction> {
            if (text == "allow") return AccessAction::allow;
            if (text == "refuse") return AccessAction::refuse;
            if (text == "drop") return AccessAction::drop;
            if (text == "answer") return AccessAction::answer;
            return Error{Errc::invalid, fmt::format("'{}' is unknown", text)};
        },
        [](const AccessAction& value) {
            constexpr std::array names{"allow", "refuse", "drop", "answer"};
            return std::string{names[static_cast<std::size_t>(value)]};
        });
}

const Table<AccessRule>& access_settings() {
    using T = AccessRule;
    static const Table<T> table{
        setting<T>("clients", prefix(), PROVENBL_FIELD(clients), "A network of clients; the most specific rule wins."),
        setting<T>(
            "action", access_action(), PROVENBL_FIELD(action),
            "refuse: REFUSED with EDE 18. drop: silence. answer: 'code' for every name, which makes mail servers "
            "that take any answer for a listing reject ALL mail."),
        setting<T>("code", address(), PROVENBL_FIELD(code), "What 'answer' says, such as 127.255.255.254."),
    };
    return table;
}

const Table<RateLimitSettings>& rate_limit_settings() {
    using T = RateLimitSettings;
    static const Table<T> table{
        setting<T>(
            "answers_per_second", number<std::uint32_t>(0, 100'000'000), PROVENBL_FIELD(answers_per_second),
            "Answers over UDP to one client network, for each worker; 0: no limit. Beyond it: TC, come over TCP."),
        setting<T>("errors_per_second", number<std::uint32_t>(0, 100'000'000), PROVENBL_FIELD(errors_per_second),
                   "The same for REFUSED, FORMERR and other errors; beyond it they are not sent."),
        setting<T>("burst", duration(10ms, 1min), PROVENBL_FIELD(burst), "How long a pause saves up for a burst."),
        setting<T>("ipv4_prefix", number<unsigned>(8, 32), PROVENBL_FIELD(ipv4_prefix),
                   "How long a prefix one IPv4 client network has."),
        setting<T>("ipv6_prefix", number<unsigned>(16, 64), PROVENBL_FIELD(ipv6_prefix),
                   "How long a prefix one IPv6 client network has."),
        setting<T>("exempt", list(prefix(), 1000, Prefix::of(Address{}, 32)), PROVENBL_FIELD(exempt),
                   "Networks without a limit."),
    };
    return table;
}

} // namespace

const Table<dnsbl::ServerSettings>& dns_settings() {
    using T = dnsbl::ServerSettings;
    static const Table<T> table{
        setting<T>("listen", list(endpoint(), 64), PROVENBL_FIELD(listen),
                   "Where DNS questions are answered, UDP and TCP."),
        setting<T>("workers", number<unsigned>(0, 256), PROVENBL_FIELD(workers),
                   "UDP threads for each endpoint; 0: one per core."),
        setting<T>("edns_size", number<std::uint16_t>(512, 4096), PROVENBL_FIELD(edns_size),
                   "Largest UDP answer, in bytes (RFC 6891)."),
        setting<T>("tcp_connections", number<std::size_t>(1, 100'000), PROVENBL_FIELD(tcp_connections),
                   "Open TCP connections in total."),
        setting<T>("tcp_per_client", number<std::size_t>(1, 100'000), PROVENBL_FIELD(tcp_per_client),
                   "Open TCP connections of one client."),
        setting<T>("tcp_message_timeout", duration(50ms, 1min), PROVENBL_FIELD(tcp_message_timeout),
                   "How long one question may take to arrive."),
        setting<T>("tcp_idle_timeout", duration(100ms, 10min), PROVENBL_FIELD(tcp_idle_timeout),
                   "How long a connection may be silent (RFC 7766)."),
        setting<T>("tls", group(tls_settings()), PROVENBL_FIELD(tls), "DNS over TLS, for mirrors and for questions."),
        setting<T>("identity", text("a name of at most 255 bytes"), PROVENBL_FIELD(identity),
                   "Answers id.server and NSID (RFC 5001). Default: not told."),
        setting<T>("query_log", group(query_log_settings()), PROVENBL_FIELD(watch.query_log),
                   "A line for each sampled query."),
        setting<T>("dnstap", group(dnstap_settings()), PROVENBL_FIELD(watch.dnstap),
                   "Queries and answers for a dnstap collector."),
        setting<T>("statistics_file", absolute_path(), PROVENBL_FIELD(statistics_file),
                   "With --role dns, where the figures are written every 5 seconds; the API's process reads them."),
        setting<T>("cookie_secret_file", absolute_path(), PROVENBL_FIELD(cookie_secret_file),
                   "Secrets of DNS cookies (RFC 9018), shared by servers of one address. Default: random at start."),
        setting<T>("rate_limit", group(rate_limit_settings()), PROVENBL_FIELD(rate_limit),
                   "How many answers a client network gets over UDP (not asked of cookie holders)."),
        setting<T>("access", list(group(access_settings()), 10'000), PROVENBL_FIELD(access),
                   "Who may ask. Default: everybody."),
    };
    return table;
}

} // namespace provenbl::tools
