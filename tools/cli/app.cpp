#include "tools/cli/app.hpp"

#include "tools/cli/commands.hpp"
#include "tools/cli/keeping.hpp"
#include "tools/cli/list_commands.hpp"
#include "tools/cli/policy_commands.hpp"
#include "tools/cli/report_file.hpp"
#include "tools/cli/report_mail.hpp"
#include "tools/cli/top.hpp"
#include "tools/cli/worker_commands.hpp"
#include "tools/daemon/daemon.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <ostream>

namespace provenbl::tools::cli {
namespace {

constexpr auto default_configuration = "/etc/provenbl/provenbl.yaml";

// Everything that options write to. A command is chosen by the parse and run after it.
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

using Command = std::function<Exit(Terminal&)>;

class App {
public:
    explicit App(Surroundings surroundings) : around_(std::move(surroundings)) {
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

    int run(std::vector<std::string> arguments) {
        std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants a vector
        try {
            app_.parse(std::move(arguments));
        } catch (const CLI::ParseError& error) {
            const int code = app_.exit(error, around_.out, around_.err);
            return code == 0 ? 0 : static_cast<int>(Exit::usage);
        }
        Terminal terminal{around_.out, around_.err, around_.coloured && !given_.json,
                          given_.json ? 0 : around_.columns};
        try {
            return static_cast<int>(chosen_(terminal));
        } catch (const std::exception& fault) {
            terminal.complain(fault.what());
            return static_cast<int>(Exit::failed);
        }
    }

private:
    CLI::App* command(const std::string& name, const std::string& purpose, const std::string& example, Command action) {
        auto* const sub = parent_->add_subcommand(name, purpose);
        sub->footer(fmt::format("Example:\n  {}\n\n{}", example, exit_code_help));
        sub->add_flag("--json", given_.json, "Print JSON, for programs (a stream: one object a line)");
        sub->callback([this, action = std::move(action)] { chosen_ = action; });
        return sub;
    }

    // A command that asks the server.
    CLI::App* client(const std::string& name, const std::string& purpose, const std::string& example,
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

    // ... about one address.
    CLI::App* about_host(const std::string& name, const std::string& purpose, const std::string& example,
                         std::function<Exit(Session&, const Address&)> action) {
        auto* const sub = client(name, purpose, example, [this, action = std::move(action)](Session& session) {
            const auto address = read_address(session.terminal);
            return address ? action(session, *address) : Exit::usage;
        });
        sub->add_option("address", given_.address, "An IPv4 or IPv6 address")->required();
        return sub;
    }

    std::optional<Address> read_address(Terminal& terminal) const {
        const auto address = Address::parse(given_.address);
        if (address) return *address;
        terminal.complain(address.error().message);
        return std::nullopt;
    }

    Exit look_up(Session& session) const {
        std::vector<Address> addresses;
        for (const auto& text : given_.addresses) {
            const auto address = Address::parse(text);
            if (!address) {
                session.terminal.complain(address.error().message);
                return Exit::usage;
            }
            addresses.push_back(*address);
        }
        return addresses.size() == 1 ? cli::lookup(session, addresses.front()) : cli::lookup_many(session, addresses);
    }

    void add_file(CLI::App* sub) {
        sub->add_option("-c,--config", given_.file, "The configuration file")->capture_default_str();
    }

    void add_role(CLI::App* sub) {
        sub->add_option("--role", given_.role, "What this process does")
            ->check(CLI::IsMember({"all", "dns", "verifier", "api"}))
            ->capture_default_str();
    }

    [[nodiscard]] Role role() const {
        static const std::map<std::string, Role> roles{
            {"all", Role::all}, {"dns", Role::dns}, {"verifier", Role::verifier}, {"api", Role::api}};
        return roles.at(given_.role);
    }

    void define_local() {
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
                                        return given_.reference
                                                   ? show_reference(terminal, given_.json)
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

    void define_for_owners() {
        auto* const lookup =
            client("lookup", "Say whether a host is listed, and for what; of many hosts, in a line each",
                   "provenbl lookup 198.51.100.7", [this](Session& session) { return look_up(session); });
        lookup->add_option("address", given_.addresses, "IPv4 or IPv6 addresses")->required();
        auto* const evidence =
            about_host("evidence", "Show what was proven of a host: the conversation, and what arrived",
                       "provenbl evidence 198.51.100.7 --message", [this](Session& session, const Address& address) {
                           return show_evidence(session, address, given_.with_message);
                       });
        evidence->add_flag("--message", given_.with_message, "Show the messages that arrived, too");
        about_host("why", "Say why a host is listed or not, and what would end it", "provenbl why 198.51.100.7",
                   cli::why);
        about_host("history", "Tell a host's life in order, with journal numbers", "provenbl history 198.51.100.7",
                   show_history);
        auto* const fix = about_host("fix", "Say how to close what was proven of a host, for the software seen there",
                                     "provenbl fix 198.51.100.7 --server http://bl.example:80",
                                     [this](Session& session, const Address& address) {
                                         given_.fix.address = address;
                                         return cli::fix(session, given_.fix);
                                     });
        fix->add_option("--software", given_.fix.software, "What really runs there: squid, postfix ...");
        fix->add_option("--language", given_.fix.language, "Of the guide, where it is translated; English without");
        auto* const receipt = about_host("receipt", "A signed statement of how a host stood at a time",
                                         "provenbl receipt 198.51.100.7 --at 2026-11-01T12:00:00Z -o receipt.json",
                                         [this](Session& session, const Address& address) {
                                             given_.receipt.address = address;
                                             return cli::receipt(session, given_.receipt);
                                         });
        receipt->add_option("--at", given_.receipt.at, "When (RFC 3339); now without");
        receipt->add_option("-o,--out", given_.receipt.out, "Write it to this file");
        auto* const verify = command("verify-receipt", "Check a receipt with the issuer's public key; asks nobody",
                                     "provenbl verify-receipt receipt.json --key BASE64", [this](Terminal& terminal) {
                                         return cli::verify_receipt(terminal, given_.verify, given_.json);
                                     });
        verify->add_option("file", given_.verify.file, "The receipt")->required();
        verify->add_option("--key", given_.verify.key, "The issuer's public key, or a file with it")->required();
        about_host("delist", "Ask for a look at a listed host now, and follow it to its end",
                   "provenbl delist 198.51.100.7 --server http://bl.example:80", cli::delist);
        client("selftest", "Have the address that you ask from looked at, listed or not, and follow it to its end",
               "provenbl selftest --server https://bl.example", cli::self_test);
    }

    void define_for_operators() {
        auto* const report = client("report", "Report a host, or a list of hosts: they will be visited",
                                    "provenbl report 198.51.100.7 --port 25 --comment 'spam run' --follow",
                                    [this](Session& session) { return run_report(session); });
        auto* const one = report->add_option("address", given_.address, "An IPv4 or IPv6 address");
        report
            ->add_option("--file", given_.list_file,
                         "A list instead: addresses, CSV or JSON lines; - for standard input")
            ->excludes(one);
        report->add_option("--port", given_.report.ports, "A port to try first (may be repeated)")
            ->check(CLI::Range(1, 65535));
        report->add_option("--comment", given_.report.comment, "Why; never shown to the public");
        report->add_flag("--follow", given_.report.follow, "Follow the visit to its end");
        auto* const mail =
            report->add_flag("--mail", given_.by_mail,
                             "A mail on standard input instead, for aliases and pipes of mail servers; the "
                             "exit status is one of sysexits.h (75: try again)");
        mail->excludes(one)->excludes("--file");
        report
            ->add_option("--to", given_.mail.to,
                         "Of the mail: its address (intake.mail.addresses); without, RECIPIENT of the environment")
            ->needs(mail);
        report
            ->add_option("--lmtp", given_.mail.lmtp,
                         "Of the mail: intake.mail.socket (unix:/path) or .listen (address:port)")
            ->needs(mail)
            ->capture_default_str();

        auto* const exclude =
            client("exclude", "Never probe and never list a prefix; list or remove what is excluded",
                   "provenbl exclude 198.51.100.0/24 --reason 'asked by its owner' --until 2027-01-01T00:00:00Z",
                   [this](Session& session) { return run_exclude(session); });
        exclude->add_option("prefix", given_.exclude.prefix, "An address or a prefix");
        exclude->add_option("--reason", given_.exclude.reason, "Why, in words that may be published");
        exclude->add_option("--until", given_.exclude.until, "When it ends (RFC 3339); for good without");
        exclude->add_option("--by", given_.exclude.by, "Who decided it");
        exclude->add_flag("--list", given_.list, "List what is excluded");
        exclude->add_flag("--remove", given_.exclude.remove, "Exclude it no longer");

        define_keys();
        define_mirrors();

        client("status", "Say how the server is", "provenbl status --json", cli::status);
        auto* const top =
            client("top", "Show a running server live; q leaves", "provenbl top", [this](Session& session) {
                const auto screen = terminal_screen(session.terminal, given_.once || session.json);
                return cli::top(session, *screen);
            });
        top->add_flag("--once", given_.once, "One frame, of one second, as plain lines");
    }

    void define_for_the_list() {
        auto* const list =
            about_host("list", "List a host by hand, without proof, where policy.manual_listing allows it",
                       "provenbl list 198.51.100.7 --class relay --reason 'sends spam, answers nobody' --expires 7d",
                       [this](Session& session, const Address& address) {
                           given_.manual.address = address;
                           return list_manually(session, given_.manual);
                       });
        list->add_option("--class", given_.manual.cls, "What it is listed as: relay, socks, http ...")->required();
        list->add_option("--reason", given_.manual.reason, "Why, in words that everybody may read")->required();
        list->add_option("--expires", given_.manual.expires, "When it ends: 7d, or a time (RFC 3339)")->required();
        list->add_option("--by", given_.manual.by, "Who answers for it; not shown to the public");

        auto* const unlist =
            about_host("unlist", "Take back what was listed by hand", "provenbl unlist 198.51.100.7 --note 'a mistake'",
                       [this](Session& session, const Address& address) {
                           given_.manual.address = address;
                           return end_manual(session, given_.manual);
                       });
        unlist->add_option("--note", given_.manual.reason, "Why, in words that everybody may read")->required();
        unlist->add_option("--by", given_.manual.by, "Who decided it; not shown to the public");

        auto* const purge = client("purge", "Take back a bad batch of listings, with a public note",
                                   "provenbl purge --since 2026-11-01 --technique smtp-relay/ --note 'our sink "
                                   "accepted what it should not' --dry-run",
                                   [this](Session& session) { return run_purge(session); });
        auto& batch = given_.purge;
        purge->add_option("--since", batch.since, "Proven, or listed by hand, from this time on (RFC 3339)");
        purge->add_option("--until", batch.until, "... up to this time; now without");
        purge->add_option("--technique", batch.technique, "Proven by this technique; smtp-relay/ is all that begin so");
        purge->add_option("--reporter", batch.reporter, "Hosts that this reporter named");
        purge->add_option("--actor", batch.actor, "Listed by hand by this person; 'verifier' for what was proven");
        purge->add_option("--prefix", batch.prefix, "Inside this prefix");
        purge->add_option("--note", batch.note, "What went wrong: everybody can read it");
        purge->add_option("--by", batch.by, "Who decided it; not shown to the public");
        purge->add_option("--resume", batch.resume, "Go on with the purge of this number, and nothing else");
        purge->add_flag("--dry-run", batch.dry_run, "Say what would be purged, and change nothing");

        auto* const shut = client("shutdown-list", "Empty the zones and take no more reports (RFC 6471 3.4)",
                                  "provenbl shutdown-list --note 'We close on 1 May; please take us out of your "
                                  "configuration'",
                                  [this](Session& session) { return shut_down_list(session, given_.note); });
        shut->add_option("--note", given_.note.note, "Why: everybody can read it")->required();
        shut->add_option("--by", given_.note.by, "Who decided it; not shown to the public");
        auto* const resume =
            client("resume-list", "Open the list again after shutdown-list", "provenbl resume-list --note 'back again'",
                   [this](Session& session) { return resume_list(session, given_.note); });
        resume->add_option("--note", given_.note.note, "What everybody can read about it");
        resume->add_option("--by", given_.note.by, "Who decided it; not shown to the public");
        client("notices", "Show what was told to everybody: purges, the list's end and return", "provenbl notices",
               show_notices);
    }

    void define_reporters() {
        auto* const group = app_.add_subcommand("reporter", "Who may report with a key: add, list, limits, revoke");
        group->require_subcommand(1);
        group->footer(fmt::format("Example:\n  provenbl reporter add alice --per-day 200\n\n{}", exit_code_help));
        parent_ = group;
        auto& request = given_.reporter;
        const auto named = [&](CLI::App* sub) {
            sub->add_option("name", request.name, "Its name: a-z, 0-9, '-', '_', '.'")->required();
            return sub;
        };
        const auto limited = [&](CLI::App* sub) {
            sub->add_option("--per-hour", request.per_hour, "Reports in an hour; 0: no limit");
            sub->add_option("--per-day", request.per_day, "Reports in a day; 0: no limit");
            sub->add_option("--note", request.note, "Who it is; not shown to the public");
            sub->add_flag("--trap", request.trap, "A trap of ours: its reports count as our own evidence");
        };
        limited(named(client("add", "Let somebody report, with a key that is shown once",
                             "provenbl reporter add alice --per-day 200 --note 'abuse desk of example.net'",
                             [this](Session& session) { return add_reporter(session, given_.reporter); })));
        client("list", "Show them, with standing and limits", "provenbl reporter list",
               [](Session& session) { return list_reporters(session); });
        auto* const limits = named(
            client("limits", "Change limits, or forgive", "provenbl reporter limits alice --per-hour 20 --forgive",
                   [this](Session& session) { return change_reporter(session, given_.reporter); }));
        limited(limits);
        limits->add_flag("--no-trap", request.no_trap, "No trap any longer")->excludes("--trap");
        limits->add_flag("--forgive", request.forgive, "Set the standing to what it began with");
        named(client("revoke", "Its key is worth nothing from now on", "provenbl reporter revoke alice",
                     [this](Session& session) { return revoke_reporter(session, given_.reporter); }));
        parent_ = &app_;
    }

    void define_policy_group() {
        auto* const group = app_.add_subcommand("policy", "The rules of listing, tried on what has happened");
        group->require_subcommand(1);
        group->footer(fmt::format("Example:\n  provenbl policy simulate history.jsonl\n\n{}", exit_code_help));
        parent_ = group;
        define_policy([this](const auto& name, const auto& purpose, const auto& example,
                             auto action) { return command(name, purpose, example, std::move(action)); },
                      default_configuration, given_.json);
        parent_ = &app_;
    }

    void define_workers() {
        auto* const group = app_.add_subcommand("worker", "Workers: visits that are carried out in other networks");
        group->require_subcommand(1);
        group->footer(fmt::format("Example:\n  provenbl worker add frankfurt --key KEY\n\n{}", exit_code_help));
        parent_ = group;
        auto& request = given_.worker;
        using Action = Exit (*)(const WorkerRequest&, Terminal&, bool);
        const auto add = [&](const char* name, const char* purpose, const char* example, Action action) {
            return command(name, purpose, example,
                           [this, action](Terminal& terminal) { return action(given_.worker, terminal, given_.json); });
        };
        const auto at_coordinator = [&](CLI::App* sub) {
            sub->add_option("-c,--config", request.place.file,
                            "The coordinator's configuration, for its data_directory")
                ->capture_default_str();
            sub->add_option("--data", request.place.directory, "The data directory, instead");
            return sub;
        };
        const auto at_worker = [&](CLI::App* sub) {
            sub->add_option("-c,--config", request.file, "The worker's file")->capture_default_str();
        };
        auto* const added = at_coordinator(add("add", "Take visits' results from the worker with this key",
                                               "provenbl worker add frankfurt --key KEY", add_worker));
        added->add_option("name", request.name, "Its name: a-z, 0-9 and '-'")->required();
        added->add_option("--key", request.key, "What `provenbl worker key` prints there")->required();
        at_coordinator(add("list", "Show the workers", "provenbl worker list", list_workers));
        at_coordinator(
            add("remove", "Believe a worker no more, at once", "provenbl worker remove frankfurt", remove_worker))
            ->add_option("name", request.name, "Its name")
            ->required();
        at_worker(add("key", "At a worker: show its public key, and make one when there is none",
                      "provenbl worker key -c /etc/provenbl/worker.yaml", show_worker_key));
        at_worker(add("run", "At a worker: carry out visits until it is stopped",
                      "provenbl worker run -c /etc/provenbl/worker.yaml", run_worker));
        parent_ = &app_;
    }

    void define_letters() {
        auto* const group = app_.add_subcommand("letter", "Letters to the owners of listed hosts");
        group->require_subcommand(1);
        group->footer(
            fmt::format("Example:\n  provenbl letter preview 198.51.100.7 --language de\n\n{}", exit_code_help));
        parent_ = group;
        auto* const preview = about_host("preview", "Show the letter about a host, without sending it",
                                         "provenbl letter preview 198.51.100.7 --language de",
                                         [this](Session& session, const Address& address) {
                                             given_.letter.address = address;
                                             return preview_letter(session, given_.letter);
                                         });
        preview->add_option("--language", given_.letter.language, "en, de, fr, es, pt, zh, ja, ko, ru");
        preview->add_option("--contact", given_.letter.contact, "As if it went there");
        preview->add_flag("--message", given_.letter.whole, "The whole message, as it would be sent");
        auto* const send =
            about_host("send", "Queue the letter about a host: it leaves at once", "provenbl letter send 198.51.100.7",
                       [this](Session& session, const Address& address) {
                           given_.letter.address = address;
                           return send_letter(session, given_.letter);
                       });
        send->add_option("--language", given_.letter.language, "Instead of what the contact's domain suggests");
        send->add_flag("--again", given_.letter.again, "Although it was sent, or may have been when a crash came");
        client("list", "Show the outbox, and who wants no letters", "provenbl letter list", list_letters);
        auto* const out = client("opt-out", "No more letters to an address or a domain",
                                 "provenbl letter opt-out @example.net --note 'asked on the telephone'",
                                 [this](Session& session) { return opt_out(session, given_.opt_out); });
        out->add_option("contact", given_.opt_out.contact, "abuse@example.net, or @example.net for all of a domain")
            ->required();
        out->add_option("--note", given_.opt_out.note, "Who asked for it, and how");
        out->add_flag("--remove", given_.opt_out.remove, "Letters are welcome again");
        parent_ = &app_;
    }

    void define_exclusion_requests() {
        auto* const group = app_.add_subcommand("exclusion", "Requests of owners and networks to be left alone");
        group->require_subcommand(1);
        group->footer(fmt::format("Example:\n  provenbl exclusion requests\n\n{}", exit_code_help));
        parent_ = group;
        auto& request = given_.decide;
        const auto decides = [&](CLI::App* sub) {
            sub->add_option("id", request.id, "Its number, as `provenbl exclusion requests` shows it")->required();
            sub->add_option("--by", request.by, "Who decided it; not shown to the public");
            return sub;
        };
        auto* const requests =
            client("requests", "Show the requests that wait for an answer", "provenbl exclusion requests",
                   [this](Session& session) { return list_exclusion_requests(session, given_.list); });
        requests->add_flag("--all", given_.list, "Those that were answered, too");
        auto* const accept =
            decides(client("accept", "Exclude what was asked for, at once",
                           "provenbl exclusion accept 17 --until 2027-01-01T00:00:00Z",
                           [this](Session& session) { return accept_exclusion(session, given_.decide); }));
        accept->add_option("--until", request.until, "When it ends (RFC 3339, or 90d); for good without");
        accept->add_option("--reason", request.reason, "Why, in words that may be published");
        auto* const refuse = decides(
            client("refuse", "Refuse it, and say why", "provenbl exclusion refuse 17 --reason 'it is an open relay'",
                   [this](Session& session) { return refuse_exclusion(session, given_.decide); }));
        refuse->add_option("--reason", request.reason, "Why; the requester reads it")->required();
        parent_ = &app_;
    }

    Exit run_purge(Session& session) {
        const auto& batch = given_.purge;
        if (batch.resume == 0 && !batch.dry_run && batch.note.empty()) {
            session.terminal.complain("say with --note what went wrong: it is shown to everybody");
            return Exit::usage;
        }
        return purge(session, batch);
    }

    void define_keys() {
        auto* const group = app_.add_subcommand("key", "Access keys: labels that customers ask below, with a quota");
        group->require_subcommand(1);
        group->footer(fmt::format("Example:\n  provenbl key add example-corp --per-day 1000000\n\n{}", exit_code_help));
        parent_ = group;
        auto* const add = client("add", "Make a key, and show it once",
                                 "provenbl key add example-corp --per-second 50 --per-day 1000000",
                                 [this](Session& session) { return cli::add_key(session, given_.key); });
        add->add_option("name", given_.key.name, "Whose it is: letters, digits, '-', '_' and '.'")->required();
        add->add_option("--per-second", given_.key.per_second, "Questions a second; no limit without")
            ->check(CLI::Range(1, 100'000'000));
        add->add_option("--per-day", given_.key.per_day, "Questions a day (UTC); no limit without")
            ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}));
        add->add_option("--note", given_.key.note, "What else you want to know of it");
        client("list", "Show the keys, and what they have used today", "provenbl key list", cli::list_keys);
        auto* const revoke =
            client("revoke", "Take a key out of force, within a second", "provenbl key revoke example-corp",
                   [this](Session& session) { return cli::revoke_key(session, given_.key.name); });
        revoke->add_option("name", given_.key.name, "Whose it is")->required();
        parent_ = &app_;
    }

    void define_mirrors() {
        auto* const group =
            app_.add_subcommand("mirror", "Mirrors: other servers that take whole zones and answer too");
        group->require_subcommand(1);
        group->footer(fmt::format("Example:\n  provenbl mirror add ns2 --kind bind --address 198.51.100.53\n\n{}",
                                  exit_code_help));
        parent_ = group;
        auto& request = given_.mirror;
        const auto named = [&](CLI::App* sub) {
            sub->add_option("name", request.name, "Its name: a-z, 0-9 and '-'")->required();
            return sub;
        };
        auto* const add = named(client("add", "Make a key for a mirror, and print what belongs into its configuration",
                                       "provenbl mirror add ns2 --kind bind --address 198.51.100.53 > ns2.conf",
                                       [this](Session& session) { return cli::add_mirror(session, given_.mirror); }));
        add->add_option("--kind", request.kind, "What serves there")
            ->required()
            ->check(CLI::IsMember({"bind", "nsd", "knot", "pdns", "rbldnsd"}));
        add->add_option("--address", request.addresses,
                        "Where it listens, such as 198.51.100.53 or [2001:db8::53]:5353 (may be repeated)");
        add->add_option("--from", request.from,
                        "Networks that its transfers must come from; anywhere without: its key will do");
        add->add_option("--zone", request.zones, "Only this zone (may be repeated); every open list without");
        add->add_option("--algorithm", request.algorithm, "Of its key")
            ->check(CLI::IsMember({"hmac-sha256", "hmac-sha384", "hmac-sha512"}));
        add->add_flag("--tls", request.tls,
                      "Its transfers go over TLS (RFC 9103), and no other way; for bind and nsd, with dns.tls.listen");
        add->add_option("--note", request.note, "What else you want to know of it");
        client("list", "Show the mirrors", "provenbl mirror list", cli::list_mirrors);
        named(client("show", "Print a mirror's configuration again, with its key", "provenbl mirror show ns2",
                     [this](Session& session) { return cli::show_mirror(session, given_.mirror.name); }));
        named(client("remove", "Its key is worth nothing within a second", "provenbl mirror remove ns2",
                     [this](Session& session) { return cli::remove_mirror(session, given_.mirror.name); }));
        auto* const status =
            client("status", "Ask each mirror how far it is", "provenbl mirror status --max-lag 60",
                   [this](Session& session) { return cli::mirror_status(session, given_.mirror, around_.ask_serial); });
        status->add_option("name", request.name, "Only this one");
        status->add_flag("--known", request.known, "What the daemon found out already, without asking anybody");
        status->add_option("--max-lag", request.most_seconds, "Seconds that a mirror may be behind")
            ->capture_default_str();
        parent_ = &app_;
    }

    Exit run_report(Session& session) {
        if (given_.by_mail) return report_mail(session.terminal, given_.mail, std::cin, given_.json);
        if (given_.address.empty() == given_.list_file.empty()) {
            session.terminal.complain("name an address, a list with --file, or --mail");
            return Exit::usage;
        }
        if (given_.list_file.empty()) {
            const auto address = read_address(session.terminal);
            if (!address) return Exit::usage;
            given_.report.address = *address;
            return cli::report(session, given_.report);
        }
        if (!given_.report.ports.empty() || !given_.report.comment.empty() || given_.report.follow) {
            session.terminal.complain("--port, --comment and --follow are of one address; a list says its own");
            return Exit::usage;
        }
        const StopOnSignal signals;
        if (given_.list_file == "-") return report_stream(session, std::cin, StopOnSignal::asked);
        return report_file(session, given_.list_file, StopOnSignal::asked);
    }

    Exit run_exclude(Session& session) {
        auto& request = given_.exclude;
        const auto wrong = [&](std::string_view what) {
            session.terminal.complain(what);
            return Exit::usage;
        };
        if (given_.list) {
            if (!request.prefix.empty()) return wrong("--list takes no prefix");
            return cli::exclude(session, request);
        }
        if (request.prefix.empty()) return wrong("name a prefix such as 198.51.100.0/24, or ask with --list");
        if (const auto prefix = Prefix::parse(request.prefix); !prefix) return wrong(prefix.error().message);
        if (!request.remove && request.reason.empty())
            return wrong("say why with --reason: it is shown to those who ask");
        return cli::exclude(session, request);
    }

    Surroundings around_;
    CLI::App app_{"provenbl: a DNS blocklist in which every listing is proven", "provenbl"};
    CLI::App* parent_ = &app_; // of the commands that are being defined
    Given given_;
    Command chosen_;
};

} // namespace

int run(const std::vector<std::string>& arguments, Surroundings surroundings) {
    App app{std::move(surroundings)};
    return app.run(arguments);
}

} // namespace provenbl::tools::cli
