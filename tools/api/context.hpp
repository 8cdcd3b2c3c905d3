// What the routes work with. Owned by whoever runs the API; outlives the router.
#pragma once

#include "store/clock.hpp"
#include "store/entropy.hpp"
#include "store/store.hpp"
#include "tools/api/mirror_lag.hpp"
#include "tools/config/configuration.hpp"
#include "verifier/gate.hpp"
#include "verifier/token.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace provenbl::tools::signing {
class SigningKey;
}
namespace provenbl::tools::letters {
class Desk;
}
namespace provenbl::tools::origins {
class Counter;
}

namespace provenbl::tools::api {

class JournalReader;

// What an access key has used since the process that serves DNS began.
struct KeyUse {
    std::uint64_t today = 0; // of UTC
    std::uint64_t answered = 0;
    std::uint64_t refused = 0; // beyond its quota
};

struct Context {
    Store& store;
    const Clock& clock;
    const Configuration& configuration;
    const verifier::Gate& gate;
    const verifier::TokenMint& mint; // finds tokens, to redact them
    // Statistics of the roles that run in this process, by name: {"dns": {...}, "verifier": {...}}.
    std::function<boost::json::object()> services;
    Entropy& entropy; // of reporters' and access keys
    // Nothing when DNS is not served by this process, or for a key that is not in force.
    std::function<std::optional<KeyUse>(std::uint64_t id)> key_use = {};
    const signing::SigningKey* signer = nullptr; // of receipts; null: none are given
    const letters::Desk* letters = nullptr;      // where they are written; null: letters are off
    const JournalReader* journal = nullptr;      // what the statistics page counts; null: it is not counted
    std::function<std::string()> metrics = {};   // Prometheus' text format; absent: there are none
    // How far the mirrors are; nothing where this process does not watch them.
    std::function<std::vector<MirrorLag>()> mirror_lags = {};
    const origins::Counter* origins = nullptr; // of countries and networks; null: they are not counted
};

} // namespace provenbl::tools::api
