#include "tools/config/table.hpp"

#include "tools/config/types.hpp"

namespace provenbl::tools {
namespace {

using namespace std::chrono_literals;
using namespace types;
using verifier::VerifierSettings;
using zones::ZoneDefinition;

constexpr auto day = 24h;
constexpr std::uint32_t week_seconds = 7 * 86400;
constexpr std::uint32_t year_seconds = 365 * 86400;

// A setting of a section: `section` goes from the draft to the struct, `member` is the field.
#define PROVENBL_FIELD(member)                                                                                         \
    [](auto& of) -> auto& {                                                                                            \
        return of.member;                                                                                              \
    }

const Table<zones::NameServer>& name_server_settings() {
    using T = zones::NameServer;
    static const Table<T> table{
        setting<T>("name", host_name(), PROVENBL_FIELD(name), "The server's name, as NS records give it."),
        setting<T>("addresses", list(address(), 16), PROVENBL_FIELD(addresses),
                   "Its addresses, for a name inside the zone itself."),
    };
    return table;
}

const Table<zones::Soa>& soa_settings() {
    using T = zones::Soa;
    static const Table<T> table{
        setting<T>("mname", host_name(), PROVENBL_FIELD(mname), "The primary server. Default: the first name server."),
        setting<T>("rname", mail_address(), PROVENBL_FIELD(rname),
                   "Who answers for the zone. Default: identity.contact."),
        setting<T>("refresh", seconds(10, week_seconds), PROVENBL_FIELD(refresh), "How often a secondary asks."),
        setting<T>("retry", seconds(5, week_seconds), PROVENBL_FIELD(retry), "How soon it asks again after a failure."),
        setting<T>("expire", seconds(3600, year_seconds), PROVENBL_FIELD(expire),
                   "When it stops answering without us."),
        setting<T>("negative_ttl", seconds(1, 86400), PROVENBL_FIELD(negative_ttl),
                   "How long 'not listed' is remembered (RFC 2308)."),
        setting<T>("ttl", seconds(1, week_seconds), PROVENBL_FIELD(ttl), "Of SOA and NS records."),
    };
    return table;
}

// What `zones` and `zone_defaults` have in common.
Table<ZoneDefinition> zone_view_settings() {
    using T = ZoneDefinition;
    return {
        setting<T>("codes", codes(), PROVENBL_FIELD(codes),
                   "The A record of each class. Default: relay 127.0.0.2, socks .8, http .9, chain .10, web .11, "
                   "wingate .14, router .15."),
        setting<T>("txt", pattern("a text that fits 255 bytes", {"address", "classes", "page"}), PROVENBL_FIELD(txt),
                   "The TXT record of a listing."),
        setting<T>("page", pattern("a URL", {"address"}), PROVENBL_FIELD(page), "The page about one listed address."),
        setting<T>("ttl", seconds(1, 86400), PROVENBL_FIELD(ttl),
                   "How long 'listed' is remembered: A and TXT records."),
        setting<T>("soa", group(soa_settings()), PROVENBL_FIELD(soa), "The zone's start of authority."),
        setting<T>("name_servers", list(group(name_server_settings()), 16), PROVENBL_FIELD(name_servers),
                   "The servers that answer for the zone."),
    };
}

const Table<ZoneDefinition>& zone_default_settings() {
    static const Table<ZoneDefinition> table = zone_view_settings();
    return table;
}

const Table<zones::ProbeDomain>& probe_domain_settings() {
    using T = zones::ProbeDomain;
    static const Table<T> table{
        setting<T>("apex", host_name(), PROVENBL_FIELD(apex), "The domain. Default: identity.probe_domain."),
        setting<T>("mail_exchanger", host_name(), PROVENBL_FIELD(mail_exchanger),
                   "The mail sink's name, inside the domain. Default: mx.<apex>."),
        setting<T>("addresses", list(address(), 16), PROVENBL_FIELD(addresses),
                   "Where suspects reach the mail sink, on port 25."),
        setting<T>("ttl", seconds(1, 86400), PROVENBL_FIELD(ttl), "Of MX and address records."),
        setting<T>("soa", group(soa_settings()), PROVENBL_FIELD(soa), "The domain's start of authority."),
        setting<T>("name_servers", list(group(name_server_settings()), 16), PROVENBL_FIELD(name_servers),
                   "The servers that answer for the domain. Default: those of zone_defaults."),
    };
    return table;
}

const Table<StoreOptions>& store_settings() {
    using T = StoreOptions;
    static const Table<T> table{
        setting<T>("map_size", types::size(1ULL << 20U, 1ULL << 42U), PROVENBL_FIELD(initial_map_size),
                   "Address space for the database at start; it grows by doubling."),
        setting<T>("queue_limit", number<std::size_t>(100, 10'000'000), PROVENBL_FIELD(queue_limit),
                   "Writes that may wait for the writer; more are refused."),
    };
    return table;
}

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
        setting<T>("identity", text("a name of at most 255 bytes"), PROVENBL_FIELD(identity),
                   "Answers id.server and NSID (RFC 5001). Default: not told."),
    };
    return table;
}

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
        setting<T>("listen", list(endpoint(), 64), PROVENBL_FIELD(listen), "Where the callback sink listens."),
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
                   "Between an owner's requests for one host; doubled, up to an hour, while it is found open."),
        setting<T>("list_exits", boolean(), PROVENBL_FIELD(list_exits),
                   "List the exit of a multi-stage relay or proxy, as chain."),
    };
    return table;
}

const Table<ApiSettings>& api_settings() {
    using T = ApiSettings;
    static const Table<T> table{
        setting<T>("socket",
                   scalar<std::filesystem::path>(
                       "an absolute path of at most 107 bytes",
                       [](std::string_view text) -> Result<std::filesystem::path> {
                           if (!text.starts_with('/'))
                               return Error{Errc::invalid, fmt::format("'{}' is not absolute", text)};
                           if (text.size() > 107) return Error{Errc::invalid, "the path is too long for a Unix socket"};
                           return std::filesystem::path{text};
                       },
                       [](const std::filesystem::path& value) { return value.string(); }),
                   PROVENBL_FIELD(socket), "The Unix socket for the operator: every route."),
        setting<T>("socket_mode", types::mode(), PROVENBL_FIELD(socket_mode),
                   "Who may connect to it is who may write to it."),
        setting<T>("public_listen", list(endpoint(), 64), PROVENBL_FIELD(public_listen),
                   "HTTP for the public routes; put a TLS proxy in front. Empty: none."),
        setting<T>("connection_limit", number<std::size_t>(1, 100'000), PROVENBL_FIELD(connection_limit),
                   "Connections at once."),
        setting<T>("connections_per_client", number<std::size_t>(1, 100'000), PROVENBL_FIELD(connections_per_client),
                   "Connections at once from one TCP address."),
        setting<T>("follower_limit", number<std::size_t>(1, 10'000), PROVENBL_FIELD(follower_limit),
                   "Scans that are followed live at once."),
        setting<T>("request_limit", types::size(1024, 16ULL << 20U), PROVENBL_FIELD(request_limit),
                   "Largest body of a request."),
        setting<T>("request_timeout", duration(100ms, 5min), PROVENBL_FIELD(request_timeout),
                   "For a request to arrive, and for its answer to be taken."),
        setting<T>("follow_limit", duration(1s, day), PROVENBL_FIELD(follow_limit), "How long one scan is followed."),
    };
    return table;
}

const Table<LogSettings>& log_settings() {
    using T = LogSettings;
    static const Table<T> table{
        setting<T>("level", one_of({"debug", "info", "warn", "error"}), PROVENBL_FIELD(level),
                   "The least that is logged."),
        setting<T>("format",
                   scalar<LogFormat>(
                       "text or json",
                       [](std::string_view text) -> Result<LogFormat> {
                           if (text == "text") return LogFormat::text;
                           if (text == "json") return LogFormat::json;
                           return Error{Errc::invalid, fmt::format("'{}' is unknown", text)};
                       },
                       [](const LogFormat& value) { return std::string{value == LogFormat::json ? "json" : "text"}; }),
                   PROVENBL_FIELD(format), "Lines for people, or one JSON object a line."),
    };
    return table;
}

// Kept as it is until zone_defaults is known, wherever the two stand in the file.
Type<std::optional<Node>> zone_list() {
    Type<std::optional<Node>> type;
    type.expects = "a list of zones, each with an apex and its classes";
    type.read = [](std::optional<Node>& into, const Node& node, Reading&) { into = node; };
    type.show = [](const std::optional<Node>&) { return std::string{}; };
    type.nested = [](const std::string& prefix) { return rows_of(zone_settings(), prefix + "[]"); };
    return type;
}

Type<std::optional<zones::ProbeDomain>> probe_domain_group() {
    Type<std::optional<zones::ProbeDomain>> type;
    type.expects = "settings below it";
    type.read = [](std::optional<zones::ProbeDomain>& into, const Node& node, Reading& reading) {
        into.emplace();
        read_table(*into, probe_domain_settings(), node, reading);
    };
    type.show = [](const std::optional<zones::ProbeDomain>&) { return std::string{}; };
    type.nested = [](const std::string& prefix) { return rows_of(probe_domain_settings(), prefix); };
    return type;
}

Type<std::filesystem::path> directory() {
    return scalar<std::filesystem::path>(
        "an absolute path",
        [](std::string_view text) -> Result<std::filesystem::path> {
            if (!text.starts_with('/')) return Error{Errc::invalid, fmt::format("'{}' is not absolute", text)};
            return std::filesystem::path{text};
        },
        [](const std::filesystem::path& value) { return value.string(); });
}

} // namespace

const Table<ZoneDefinition>& zone_settings() {
    using T = ZoneDefinition;
    static const Table<T> table = [] {
        Table<T> all{
            setting<T>("apex", host_name(), PROVENBL_FIELD(apex), "The zone's name, which mail servers ask below."),
            setting<T>("classes", classes(), PROVENBL_FIELD(classes), "What the zone lists."),
        };
        for (auto& one : zone_view_settings()) all.push_back(std::move(one));
        return all;
    }();
    return table;
}

const Table<Draft>& settings() {
    using T = Draft;
    static const Table<T> table{
        setting<T>("data_directory", directory(), PROVENBL_FIELD(configuration.store.directory),
                   "Where the database lives; only provenbl should be able to write there."),
        setting<T>("store", group(store_settings()), PROVENBL_FIELD(configuration.store), "The database."),
        setting<T>("identity", group(identity_settings()), PROVENBL_FIELD(configuration.verifier.identity),
                   "Who we are, towards the hosts that we probe."),
        setting<T>("zone_defaults", group(zone_default_settings()), PROVENBL_FIELD(zone_defaults),
                   "What holds for every zone that does not say otherwise."),
        setting<T>("zones", zone_list(), PROVENBL_FIELD(zone_nodes), "What DNS serves: views of what is listed."),
        setting<T>("probe_domain", probe_domain_group(), PROVENBL_FIELD(probe_domain),
                   "The domain that tokens are mailed to, served by ourselves."),
        setting<T>("dns", group(dns_settings()), PROVENBL_FIELD(configuration.dns), "The responder."),
        setting<T>("probe", group(probe_settings()), PROVENBL_FIELD(configuration.verifier.probe),
                   "How suspects are talked to."),
        setting<T>("gate", group(gate_settings()), PROVENBL_FIELD(configuration.verifier.gate),
                   "Which addresses may be probed at all."),
        setting<T>("scheduler", group(scheduler_settings()), PROVENBL_FIELD(configuration.verifier.scheduler),
                   "How many visits at once."),
        setting<T>("mail_sink", group(mail_sink_settings()), PROVENBL_FIELD(configuration.verifier.mail_sink),
                   "The mail server that takes tokens, and nothing else."),
        setting<T>("callback_sink", group(callback_sink_settings()),
                   PROVENBL_FIELD(configuration.verifier.callback_sink),
                   "The server that answers tokens which come through a tunnel."),
        setting<T>("policy", group(policy_settings()), PROVENBL_FIELD(configuration.verifier.policy),
                   "The published rules of listing and delisting."),
        setting<T>("api", group(api_settings()), PROVENBL_FIELD(configuration.api),
                   "The way in for people and programs."),
        setting<T>("log", group(log_settings()), PROVENBL_FIELD(configuration.log),
                   "What is written to standard error."),
    };
    return table;
}

std::vector<SettingRow> reference() {
    return rows_of(settings(), "");
}

#undef PROVENBL_FIELD

} // namespace provenbl::tools
