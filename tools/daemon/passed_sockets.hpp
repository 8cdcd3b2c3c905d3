// Sockets that the service manager has bound, keeps while we are restarted, and passes to us (sd_listen_fds(3)): so a
// question that comes meanwhile waits in the socket's queue.
#pragma once

#include "store/result.hpp"
#include "tools/config/configuration.hpp"

#include <vector>

namespace provenbl::tools {

struct PassedSockets {
    std::vector<int> dns;
    std::vector<int> api;
};

// Nothing without a service manager. Whose a socket is says its name (FileDescriptorName=dns or api); without a name a
// Unix socket is the API's, and any other that of the one role that takes some. Errors name the socket.
[[nodiscard]] Result<PassedSockets> passed_sockets(Role role);

} // namespace provenbl::tools
