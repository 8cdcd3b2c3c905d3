// The roles of one process, started in order and stopped in reverse: DNS follows the store, the verifier and the
// API write to it. Owns all of them; the configuration and the clock outlive it.
//
// A changed configuration is taken while they run. DNS and the API take it between two answers. The verifier is made
// anew when something of it has changed: visits under way begin again, mail that comes in that moment is brought again.
#pragma once

#include "store/clock.hpp"
#include "store/entropy.hpp"
#include "store/store.hpp"
#include "tools/config/changes.hpp"
#include "tools/config/configuration.hpp"
#include "tools/daemon/passed_sockets.hpp"

#include <memory>
#include <string>

namespace provenbl::tools {

class Services {
public:
    Services(const Configuration& configuration, Role role, const Clock& clock, Entropy& entropy);
    ~Services(); // stops

    // Before start: used in the place of the endpoints that the configuration names.
    void adopt(PassedSockets sockets);
    // Opens the store, notes the zones' definition in the journal, starts the roles. After an error nothing runs.
    Result<> start();
    void stop();

    // `next`: checked, and with all that needs a restart as it was at the start (config/changes.hpp). First everything
    // is made that can fail; an error then has changed nothing. `broken`: an error after that, and the process had
    // better end, to be started again.
    struct Reloaded {
        Result<> result;
        bool broken = false;
    };
    [[nodiscard]] Reloaded reload(const Configuration& next, const std::vector<SettingChange>& changes);

    // "ready: dns 127.0.0.1:53, mail sink 127.0.99.1:25, callback 127.0.99.1:443, api unix:/run/provenbl/api.sock"
    [[nodiscard]] std::string ready_line() const;
    // The same as JSON: {"event":"ready","dns":["127.0.0.1:53"], ..., "api":["unix:/run/provenbl/api.sock"]}
    [[nodiscard]] std::string ready_object() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace provenbl::tools
