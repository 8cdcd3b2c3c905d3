#include "tools/cli/policy_commands.hpp"
#include "tools/cli/syntax/syntax.hpp"
#include "tools/config/load.hpp"
#include "tools/daemon/daemon.hpp"

#include <map>
#include <utility>

namespace provenbl::tools::cli {

void Syntax::define_local() {
    auto* const run =
        command("run", "Run the server: DNS, verifier, API", "provenbl run -c /etc/provenbl/provenbl.yaml",
                [this](Terminal& terminal) {
                    const auto loaded = load_configuration(given_.file, role());
                    for (const auto& problem : loaded.problems) terminal.complain(problem.to_string(given_.file));
                    if (!loaded.configuration) return Exit::usage;
                    return run_daemon(given_.file, loaded, role(), given_.ready_fd, given_.json, terminal);
                });
    add_file(run);
    add_role(run);
    run->add_option("--ready-fd", given_.ready_fd, "Write a newline to this descriptor when everything listens")
        ->check(CLI::Range(1, 1 << 20));

    auto* const check = command("check-config", "Say what is wrong with a configuration file",
                                "provenbl check-config -c provenbl.yaml", [this](Terminal& terminal) {
                                    return given_.reference ? show_reference(terminal, given_.json)
                                                            : check_config(terminal, given_.file, role(), given_.json);
                                });
    check->add_flag("--reference", given_.reference, "Show every setting instead, as a page of Markdown");
    add_file(check);
    add_role(check);

    auto* const probe = command("probe", "Try one host now, and show the conversation as it happens",
                                "provenbl probe 198.51.100.7 -c provenbl.yaml --port 3128 --technique http/connect",
                                [this](Terminal& terminal) {
                                    const auto address = read_address(terminal);
                                    if (!address) return Exit::usage;
                                    given_.probe.address = *address;
                                    given_.probe.file = given_.file;
                                    return cli::probe(terminal, given_.probe, given_.json);
                                });
    probe->add_option("address", given_.address, "An IPv4 or IPv6 address")->required();
    add_file(probe);
    probe->add_option("--port", given_.probe.ports, "A port to try first (may be repeated)")
        ->check(CLI::Range(1, 65535));
    probe->add_option("--technique", given_.probe.techniques, "Only this technique (may be repeated)");
}

void Syntax::add_role(CLI::App* sub) {
    sub->add_option("--role", given_.role, "What this process does")
        ->check(CLI::IsMember({"all", "dns", "verifier", "api"}))
        ->capture_default_str();
}

Role Syntax::role() const {
    static const std::map<std::string, Role> roles{
        {"all", Role::all}, {"dns", Role::dns}, {"verifier", Role::verifier}, {"api", Role::api}};
    return roles.at(given_.role);
}

void Syntax::define_policy_group() {
    const auto group = begin_group("policy", "The rules of listing, tried on what has happened",
                                   "provenbl policy simulate history.jsonl");
    define_policy([this](const auto& name, const auto& purpose, const auto& example,
                         auto action) { return command(name, purpose, example, std::move(action)); },
                  default_configuration, given_.json);
}

} // namespace provenbl::tools::cli
