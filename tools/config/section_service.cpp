// What every role needs: store, api, log.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

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

} // namespace provenbl::tools
