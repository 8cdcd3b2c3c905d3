// The responder: dns.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

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
        setting<T>("statistics_file", absolute_path(), PROVENBL_FIELD(statistics_file),
                   "With --role dns, where the figures are written every 5 seconds; the API's process reads them."),
    };
    return table;
}

} // namespace provenbl::tools
