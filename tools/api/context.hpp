// What the routes work with. Owned by whoever runs the API; outlives the router.
#pragma once

#include "store/clock.hpp"
#include "store/entropy.hpp"
#include "store/store.hpp"
#include "tools/config/configuration.hpp"
#include "verifier/gate.hpp"
#include "verifier/token.hpp"

#include <boost/json.hpp>

#include <functional>

namespace provenbl::tools::api {

struct Context {
    Store& store;
    const Clock& clock;
    const Configuration& configuration;
    const verifier::Gate& gate;
    const verifier::TokenMint& mint; // finds tokens, to redact them
    // Statistics of the roles that run in this process, by name: {"dns": {...}, "verifier": {...}}.
    std::function<boost::json::object()> services;
    Entropy& entropy; // of reporters' keys
};

} // namespace provenbl::tools::api
