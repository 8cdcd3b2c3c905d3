// The program: hands the command line to tools/cli and its surroundings with it.
#include "store/damage.hpp"
#include "tools/cli/app.hpp"
#include "tools/cli/terminal.hpp"

#include <cstdlib>
#include <iostream>

int main(int argc, char** argv) {
    using namespace provenbl::tools::cli;
    provenbl::explain_damage_signals();
    const char* const server = std::getenv("PROVENBL_SERVER");
    try {
        return run({argv + (argc > 0 ? 1 : 0), argv + argc},
                   {std::cout, std::cerr, wants_colour(), server != nullptr ? server : "",
                    [](const ServerAddress& address) { return std::make_unique<HttpClient>(address); }, ask_serial,
                    screen_columns()});
    } catch (const std::exception& fault) {
        std::cerr << "provenbl: " << fault.what() << '\n';
        return 1;
    }
}
