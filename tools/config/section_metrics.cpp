// Where figures are told over TCP.
#include "tools/config/sections.hpp"

namespace provenbl::tools {

using namespace types;

const Table<metrics::Settings>& metrics_settings() {
    using T = metrics::Settings;
    static const Table<T> table{
        setting<T>("listen", optional(endpoint()), PROVENBL_FIELD(listen),
                   "GET /metrics over HTTP, of the process that has the API (`run` without --role, too), such as "
                   "127.0.0.1:9153; whoever can reach it can read it. Default: the operator's socket alone."),
        setting<T>("listen_dns", optional(endpoint()), PROVENBL_FIELD(listen_dns), "... of `run --role dns`."),
        setting<T>("listen_verifier", optional(endpoint()), PROVENBL_FIELD(listen_verifier),
                   "... of `run --role verifier`."),
    };
    return table;
}

void check_metrics(const Configuration& configuration, Reading& reading) {
    const auto& all = configuration.metrics;
    const auto same = [](const std::optional<Endpoint>& one, const std::optional<Endpoint>& other) {
        return one && other && *one == *other && one->port != 0;
    };
    if (same(all.listen_dns, all.listen))
        reading.refuse_setting("metrics.listen_dns", "is metrics.listen; expected an endpoint of its own");
    if (same(all.listen_verifier, all.listen) || same(all.listen_verifier, all.listen_dns))
        reading.refuse_setting("metrics.listen_verifier", "is that of another role; expected an endpoint of its own");
}

} // namespace provenbl::tools
