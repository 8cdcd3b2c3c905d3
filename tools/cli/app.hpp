// Runs one command line; what may be said is in syntax/.
#pragma once

#include "tools/cli/client.hpp"
#include "tools/cli/mirror_commands.hpp"
#include "tools/cli/soa_query.hpp"

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

namespace provenbl::tools::cli {

// What the program touches of the world around it; tests put their own in.
struct Surroundings {
    std::ostream& out;
    std::ostream& err;
    bool coloured = false;
    std::string default_server; // of PROVENBL_SERVER; empty: unix:/run/provenbl/api.sock
    std::function<std::unique_ptr<Client>(const ServerAddress&)> connect;
    AskSerial ask_serial = cli::ask_serial; // of a mirror
    std::size_t columns = 0;                // of the screen; 0: none
};

// `arguments` without the program's name. Returns the exit status.
[[nodiscard]] int run(const std::vector<std::string>& arguments, Surroundings surroundings);

} // namespace provenbl::tools::cli
