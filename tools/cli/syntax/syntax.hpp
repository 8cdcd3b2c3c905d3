// What may be said on the command line: every command with its options, and which function it runs.
//
// Each file beside this one defines the commands about one thing; all options write to one Given. The parse chooses
// a command, and it is run after it.
#pragma once

#include "tools/cli/app.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/list_commands.hpp"
#include "tools/cli/report_mail.hpp"
#include "tools/cli/worker_commands.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace provenbl::tools::cli {

inline constexpr auto default_configuration = "/etc/provenbl/provenbl.yaml";

struct Given {
    std::string file = default_configuration;
    std::string server;
    std::string authorities;
    std::string role = "all";
    std::string list_file;
    std::string address;
    std::vector<std::string> addresses;
    ReportRequest report;
    MailRequest mail;
    bool by_mail = false;
    FixRequest fix;
    ReceiptRequest receipt;
    VerifyRequest verify;
    LetterRequest letter;
    OptOutRequest opt_out;
    ExcludeRequest exclude;
    DecideRequest decide;
    KeyRequest key;
    MirrorRequest mirror;
    ProbeCommand probe;
    ManualRequest manual;
    PurgeRequest purge;
    NoteRequest note;
    ReporterRequest reporter;
    WorkerRequest worker;
    bool json = false;
    bool with_message = false;
    bool list = false;
    bool reference = false;
    bool once = false;
    int ready_fd = -1;
};

class Syntax {
public:
    explicit Syntax(Surroundings surroundings);

    // As cli::run.
    int run(std::vector<std::string> arguments);

private:
    using Command = std::function<Exit(Terminal&)>;

    // Commands that are defined while it lives belong to it: `provenbl GROUP COMMAND`.
    class Group {
    public:
        Group(CLI::App*& parent, CLI::App* group) : parent_(parent), outer_(parent) { parent = group; }
        ~Group() { parent_ = outer_; }
        Group(const Group&) = delete;
        Group& operator=(const Group&) = delete;

    private:
        CLI::App*& parent_;
        CLI::App* const outer_;
    };
    [[nodiscard]] Group begin_group(const std::string& name, const std::string& purpose, const std::string& example);

    CLI::App* command(const std::string& name, const std::string& purpose, const std::string& example, Command action);
    // ... that asks the server.
    CLI::App* client(const std::string& name, const std::string& purpose, const std::string& example,
                     std::function<Exit(Session&)> action);
    // ... about one address.
    CLI::App* about_host(const std::string& name, const std::string& purpose, const std::string& example,
                         std::function<Exit(Session&, const Address&)> action);
    // ... whose options go into `request`, and the address with them. `request` is a part of given_.
    template <class Request> static auto with_address(Request& request, Exit (*run)(Session&, const Request&)) {
        return [&request, run](Session& session, const Address& address) {
            request.address = address;
            return run(session, request);
        };
    }
    void add_file(CLI::App* sub);
    void add_role(CLI::App* sub);

    void define_local();
    void define_policy_group();
    void define_workers();
    void define_for_owners();
    void define_for_operators();
    void define_for_the_list();
    void define_exclusion_requests();
    void define_letters();
    void define_reporters();
    void define_keys();
    void define_mirrors();

    [[nodiscard]] std::optional<Address> read_address(Terminal& terminal) const;
    [[nodiscard]] Role role() const;
    Exit look_up(Session& session) const;
    Exit run_report(Session& session);
    Exit run_exclude(Session& session);
    Exit run_purge(Session& session);

    Surroundings around_;
    CLI::App app_{"provenbl: a DNS blocklist in which every listing is proven", "provenbl"};
    CLI::App* parent_ = &app_; // of the commands that are being defined
    Given given_;
    Command chosen_;
};

} // namespace provenbl::tools::cli
