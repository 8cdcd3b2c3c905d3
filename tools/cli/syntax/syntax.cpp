#include "tools/cli/syntax/syntax.hpp"

#include "tools/cli/keeping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <ostream>
#include <utility>

namespace provenbl::tools::cli {

Syntax::Syntax(Surroundings surroundings) : around_(std::move(surroundings)) {
    app_.require_subcommand(1);
    app_.footer(std::string{"`provenbl COMMAND --help` says more, with an example.\n"} + exit_code_help);
    app_.set_version_flag("--version", "provenbl " PROVENBL_VERSION);
    app_.failure_message([](const CLI::App*, const CLI::Error& error) {
        return fmt::format("provenbl: {}; see `provenbl --help`\n", error.what());
    });
    define_local();
    define_for_owners();
    define_for_operators();
    define_for_the_list();
    define_reporters();
    define_letters();
    define_exclusion_requests();
    define_keeping([this](const auto& name, const auto& purpose, const auto& example,
                          auto action) { return command(name, purpose, example, std::move(action)); },
                   default_configuration, given_.json);
    define_policy_group();
    define_workers();
}

int Syntax::run(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants a vector
    try {
        app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
        const int code = app_.exit(error, around_.out, around_.err);
        return code == 0 ? 0 : static_cast<int>(Exit::usage);
    }
    Terminal terminal{around_.out, around_.err, around_.coloured && !given_.json, given_.json ? 0 : around_.columns};
    try {
        return static_cast<int>(chosen_(terminal));
    } catch (const std::exception& fault) {
        terminal.complain(fault.what());
        return static_cast<int>(Exit::failed);
    }
}

Syntax::Group Syntax::begin_group(const std::string& name, const std::string& purpose, const std::string& example) {
    auto* const group = app_.add_subcommand(name, purpose);
    group->require_subcommand(1);
    group->footer(fmt::format("Example:\n  {}\n\n{}", example, exit_code_help));
    return {parent_, group};
}

CLI::App* Syntax::command(const std::string& name, const std::string& purpose, const std::string& example,
                          Command action) {
    auto* const sub = parent_->add_subcommand(name, purpose);
    sub->footer(fmt::format("Example:\n  {}\n\n{}", example, exit_code_help));
    sub->add_flag("--json", given_.json, "Print JSON, for programs (a stream: one object a line)");
    sub->callback([this, action = std::move(action)] { chosen_ = action; });
    return sub;
}

CLI::App* Syntax::client(const std::string& name, const std::string& purpose, const std::string& example,
                         std::function<Exit(Session&)> action) {
    auto* const sub = command(name, purpose, example, [this, action = std::move(action)](Terminal& terminal) {
        auto server = given_.server.empty() ? around_.default_server : given_.server;
        auto address = parse_server(server.empty() ? default_server : server);
        if (!address) {
            terminal.complain(address.error().message);
            return Exit::usage;
        }
        address->authorities = given_.authorities;
        const auto connection = around_.connect(*address);
        Session session{*connection, terminal, given_.json};
        return action(session);
    });
    sub->add_option(
        "--server", given_.server,
        fmt::format("unix:/path/to/api.sock, http://host:port or https://host (environment PROVENBL_SERVER; "
                    "default {})",
                    default_server));
    sub->add_option("--ca", given_.authorities, "For https: trust who is in this PEM file, not the system's store");
    return sub;
}

CLI::App* Syntax::about_host(const std::string& name, const std::string& purpose, const std::string& example,
                             std::function<Exit(Session&, const Address&)> action) {
    auto* const sub = client(name, purpose, example, [this, action = std::move(action)](Session& session) {
        const auto address = read_address(session.terminal);
        return address ? action(session, *address) : Exit::usage;
    });
    sub->add_option("address", given_.address, "An IPv4 or IPv6 address")->required();
    return sub;
}

std::optional<Address> Syntax::read_address(Terminal& terminal) const {
    const auto address = Address::parse(given_.address);
    if (address) return *address;
    terminal.complain(address.error().message);
    return std::nullopt;
}

void Syntax::add_file(CLI::App* sub) {
    sub->add_option("-c,--config", given_.file, "The configuration file")->capture_default_str();
}

} // namespace provenbl::tools::cli
