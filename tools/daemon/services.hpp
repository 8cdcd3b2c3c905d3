// The roles of one process, started in order and stopped in reverse: DNS follows the store, the verifier and the
// API write to it. Owns all of them; the configuration and the clock outlive it.
#pragma once

#include "store/clock.hpp"
#include "store/entropy.hpp"
#include "store/store.hpp"
#include "tools/config/configuration.hpp"

#include <memory>
#include <string>

namespace provenbl::tools {

class Services {
public:
    Services(const Configuration& configuration, Role role, const Clock& clock, Entropy& entropy);
    ~Services(); // stops

    // Opens the store, notes the zones' definition in the journal, starts the roles. After an error nothing runs.
    Result<> start();
    void stop();

    // "ready: dns 127.0.0.1:53, mail sink 127.0.99.1:25, callback 127.0.99.1:443, api unix:/run/provenbl/api.sock"
    [[nodiscard]] std::string ready_line() const;
    // The same as JSON: {"event":"ready","dns":["127.0.0.1:53"], ..., "api":["unix:/run/provenbl/api.sock"]}
    [[nodiscard]] std::string ready_object() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::tools
