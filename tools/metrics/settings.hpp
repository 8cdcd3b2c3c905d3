// Where figures are told. docs/observing.md lists them.
#pragma once

#include "store/address.hpp"

#include <optional>

namespace provenbl::tools::metrics {

// GET /metrics over TCP, for whoever can reach it; absent: none. Roles that are processes of their own can't share an
// endpoint. The operator's socket always has the figures of the process that has the API.
struct Settings {
    std::optional<Endpoint> listen; // of the process that has the API
    std::optional<Endpoint> listen_dns;
    std::optional<Endpoint> listen_verifier;
};

} // namespace provenbl::tools::metrics
