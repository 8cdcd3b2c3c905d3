// What every role needs: store, service, api, log.
#include "store/log.hpp"
#include "tools/config/sections.hpp"

#include <algorithm>

namespace provenbl::tools {

using namespace types;

namespace {

const std::vector<std::string> level_names{"debug", "info", "warn", "error"};

// {dns: info, verifier: debug}
Type<std::map<std::string, std::string>> part_levels() {
    Type<std::map<std::string, std::string>> type;
    type.expects = fmt::format("levels ({}) of {}", fmt::join(level_names, ", "), fmt::join(log::parts, ", "));
    type.read = [expects = type.expects](std::map<std::string, std::string>& into, const Node& node, Reading& reading) {
        if (node.kind == Node::Kind::null) return;
        if (node.kind != Node::Kind::map) {
            reading.refuse(node.at, fmt::format("names no parts; expected {}", expects));
            return;
        }
        into.clear();
        for (const auto& [part, at, value] : node.members) {
            const Reading::Scope scope{reading, part, at};
            if (std::find(log::parts.begin(), log::parts.end(), std::string_view{part}) == log::parts.end())
                reading.refuse(at, fmt::format("is no part; expected {}", fmt::join(log::parts, ", ")));
            else
                one_of(level_names).read(into[part], value, reading);
        }
    };
    type.show = [](const std::map<std::string, std::string>& levels) {
        std::string shown;
        for (const auto& [part, level] : levels)
            shown += fmt::format("{}{}: {}", shown.empty() ? "" : ", ", part, level);
        return shown;
    };
    return type;
}

} // namespace

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

const Table<ServiceSettings>& service_settings() {
    using T = ServiceSettings;
    static const Table<T> table{
        setting<T>("user", text("the name of a user"), PROVENBL_FIELD(user),
                   "Started as root, the process becomes this user before it does anything. Default: it stays root."),
        setting<T>(
            "sandbox", boolean(), PROVENBL_FIELD(sandbox),
            "Have the kernel refuse it all files but those that it needs, and system calls that it never makes."),
    };
    return table;
}

namespace {

const Table<ApiLimits>& limit_settings() {
    using T = ApiLimits;
    static const Table<T> table{
        setting<T>("lookups_per_minute", number<std::uint32_t>(0, 60'000), PROVENBL_FIELD(lookups_per_minute),
                   "Questions; ten addresses of one POST /v1/lookup count as one. 0: no limit."),
        setting<T>("rescans_per_hour", number<std::uint32_t>(0, 60'000), PROVENBL_FIELD(rescans_per_hour),
                   "Requests for a visit. 0: no limit."),
        setting<T>("reports_per_minute", number<std::uint32_t>(0, 60'000), PROVENBL_FIELD(reports_per_minute),
                   "Reports, of an address and of a key apart. 0: no limit."),
        setting<T>("table_size", number<std::size_t>(64, 16'777'216), PROVENBL_FIELD(table_size),
                   "Buckets that are remembered, of 16 bytes each; beyond it the fullest is forgotten."),
    };
    return table;
}

const Table<ApiTls>& api_tls_settings() {
    using T = ApiTls;
    static const Table<T> table{
        setting<T>("listen", list(endpoint(), 64), PROVENBL_FIELD(listen),
                   "HTTPS for the public routes, such as 192.0.2.80:443. Empty: none."),
        setting<T>("certificate", absolute_path(), PROVENBL_FIELD(certificate),
                   "PEM file: the certificate, then its chain. Read again when it has changed."),
        setting<T>("key", absolute_path(), PROVENBL_FIELD(key), "PEM file: the certificate's private key."),
        setting<T>("hsts", duration(0s, 2 * 366 * day), PROVENBL_FIELD(hsts),
                   "How long browsers shall use HTTPS alone (RFC 6797). 0s: not said."),
    };
    return table;
}

Type<ForwardedHeader> forwarded_header() {
    return scalar<ForwardedHeader>(
        "x-forwarded-for or forwarded",
        [](std::string_view text) -> Result<ForwardedHeader> {
            if (text == "x-forwarded-for") return ForwardedHeader::x_forwarded_for;
            if (text == "forwarded") return ForwardedHeader::forwarded;
            return Error{Errc::invalid, fmt::format("'{}' is unknown", text)};
        },
        [](const ForwardedHeader& value) {
            return std::string{value == ForwardedHeader::forwarded ? "forwarded" : "x-forwarded-for"};
        });
}

} // namespace

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
                   "HTTP for the public routes. Empty: none."),
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
        setting<T>("trusted_proxies", list(prefix(), 256, Prefix::of(Address{}, 32)), PROVENBL_FIELD(trusted_proxies),
                   "Proxies in front of us: only these are believed when they say who the client is."),
        setting<T>("forwarded_header", forwarded_header(), PROVENBL_FIELD(forwarded_header),
                   "The header in which they say it (RFC 7239); the other one is never read."),
        setting<T>("limits", group(limit_settings()), PROVENBL_FIELD(limits),
                   "How often one client may ask; the operator's socket has no limit."),
        setting<T>("tls", group(api_tls_settings()), PROVENBL_FIELD(tls), "HTTPS without a proxy."),
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
        setting<T>("levels", part_levels(), PROVENBL_FIELD(levels),
                   "The least that is logged of single parts, such as {verifier: debug, dns: warn}."),
        setting<T>("personal", boolean(), PROVENBL_FIELD(personal),
                   "Log addresses of clients and of mail contacts whole; else networks (/24, /48) and domains."),
    };
    return table;
}

} // namespace provenbl::tools
